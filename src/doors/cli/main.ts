#!/usr/bin/env node
/** The command. What follows is loaded only by a Node that can read it: an older one is told what is wanted. */
import { readFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { setFlagsFromString } from 'node:v8';

const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
  engines: { node: string };
};
const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
const [leastMajor, leastMinor] = manifest.engines.node.replace('>=', '').split('.').map(Number) as [number, number];

if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
  process.stderr.write(
    `Skein needs Node ${leastMajor}.${leastMinor} or newer; this is ${process.versions.node}.\n` +
      'next: npm install node (npm and npx then use it in this folder), or https://nodejs.org\n',
  );
  process.exitCode = 2;
} else {
  // A pattern of a stranger (`matches` in a plan) may take the time of its text, and no more.
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
  // A start is mostly reading code: the next one finds it read.
  nodeModule.enableCompileCache();
  const { runCommandLine } = await import('./call.ts');
  const { processTerminal } = await import('./terminal.ts');
  const code = await runCommandLine(process.argv.slice(2), processTerminal(), manifest.version);
  // A command of the laboratory that found something broken has said so already.
  if (code !== 0) process.exitCode = code;
}
