#!/usr/bin/env node
/** The command. What follows is loaded only by a Node that can read it: an older one is told what is wanted. */
import { readFileSync } from 'node:fs';
import * as nodeModule from 'node:module';

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
  // A start is mostly reading code: the next one finds it read.
  nodeModule.enableCompileCache();
  const { runCommandLine } = await import('./call.ts');
  const { processTerminal } = await import('./terminal.ts');
  process.exitCode = await runCommandLine(process.argv.slice(2), processTerminal(), manifest.version);
}
