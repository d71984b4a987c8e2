/** JSON that a person gives: as text, from a file (`@file`) or from standard input (`-`). */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorText, Fault, type Json } from '../../base/index.ts';
import type { Terminal } from './terminal.ts';

export function readGivenJson(given: string, terminal: Terminal, option: string): Json {
  const text = given === '-' ? terminal.input() : given.startsWith('@') ? readGiven(given.slice(1), terminal) : given;
  try {
    return JSON.parse(text) as Json;
  } catch (thrown) {
    const next = `${howWritten(text, option)} From a file: ${option} @file.json`;
    throw new Fault('input.not-json', `${option} is no JSON: ${errorText(thrown)}`, { detail: { next } });
  }
}

function howWritten(text: string, option: string): string {
  if (text.trim() === '') return `Nothing came; JSON is wanted, as in ${option} '{"name":"text"}'.`;
  if (/^\s*[[{]/.test(text))
    return `Names and texts are in double quotes, and all of it in single ones for the shell: ${option} '{"name":["text",1]}'.`;
  return `A text is JSON too when it is in quotes: ${option} '"text"'.`;
}

function readGiven(path: string, terminal: Terminal): string {
  try {
    return readFileSync(resolve(terminal.folder, path), 'utf8');
  } catch (thrown) {
    throw new Fault('not-found', `${path} cannot be read: ${errorText(thrown)}`, {
      detail: { next: 'The path after @ is seen from the working folder.' },
    });
  }
}
