/** JSON values: the only data that enters a journal. */
import { Fault } from './fault.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Deeper than this is a mistake or an attack. */
export const MAX_JSON_DEPTH = 200;

/**
 * As JSON, a text alone without its quotes. Escaped once more it is at most twice as long: of control characters so many
 * that it would be six times as long, the runtime dies of it.
 */
export const MAX_JSON_CHARS = 2 ** 26;
/** A control character is written as six. */
const MOST_ESCAPED = 6;
const PIECE_CHARS = 2 ** 20;

/**
 * One text for one meaning: keys sorted, no spaces, undefined members left out.
 * Throws `input.not-json` with the place of what JSON cannot carry.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'undefined':
      return 'null';
    default:
      return writeCanonical(value, '$', 0);
  }
}

function writeCanonical(value: unknown, place: string, depth: number): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isFinite(value)) throw notJson(place, String(value));
      return JSON.stringify(value);
    case 'object':
      break;
    default:
      throw notJson(place, typeof value);
  }
  if (depth > MAX_JSON_DEPTH) throw notJson(place, `nesting deeper than ${MAX_JSON_DEPTH}, or a cycle`);
  if (Array.isArray(value)) {
    let text = '[';
    for (let i = 0; i < value.length; i++) {
      if (i > 0) text += ',';
      text += writeCanonical(value[i], `${place}[${i}]`, depth + 1);
    }
    return `${text}]`;
  }
  if (!isPlain(value)) throw notJson(place, value.constructor?.name ?? 'an object of a class');
  const members = value as Record<string, unknown>;
  let text = '{';
  for (const key of Object.keys(members).sort()) {
    const member = members[key];
    if (member === undefined) continue;
    if (text.length > 1) text += ',';
    text += `${JSON.stringify(key)}:${writeCanonical(member, `${place}.${key}`, depth + 1)}`;
  }
  return `${text}}`;
}

/** Checks that a value is plain JSON data and returns it as it will be read back. */
export function toJson(value: unknown): Json | undefined {
  if (value === undefined || value === null || typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? undefined : writeCanonical(value, '$', 0);
  const chars = text?.length ?? writtenChars(value as string);
  if (chars > MAX_JSON_CHARS)
    throw new Fault('input.too-large', `a value of more than ${MAX_JSON_CHARS} characters as JSON`);
  return text === undefined ? (value as string) : (JSON.parse(text) as Json);
}

/** How long a text is as JSON, or more than it may be. In pieces: the whole may be too long to be written. */
function writtenChars(text: string): number {
  if (text.length * MOST_ESCAPED <= MAX_JSON_CHARS || text.length > MAX_JSON_CHARS) return text.length;
  let chars = 0;
  for (let at = 0; at < text.length && chars <= MAX_JSON_CHARS; at += PIECE_CHARS)
    chars += JSON.stringify(text.slice(at, at + PIECE_CHARS)).length - '""'.length;
  return chars;
}

/** A copy that may be changed without touching what the journal holds. */
export function copyJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyJson) as T;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const member = copyJson((value as Record<string, unknown>)[key]);
    if (key === '__proto__')
      Object.defineProperty(copy, key, { value: member, enumerable: true, writable: true, configurable: true });
    else copy[key] = member;
  }
  return copy as T;
}

function isPlain(value: object): boolean {
  const proto = Object.getPrototypeOf(value) as unknown;
  return proto === Object.prototype || proto === null;
}

function notJson(place: string, what: string): Fault {
  return new Fault('input.not-json', `${place} holds ${what}, which JSON cannot carry`, { detail: { place, what } });
}
