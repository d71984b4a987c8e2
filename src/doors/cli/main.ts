#!/usr/bin/env node
/** The command line. What went wrong is said as: what, why, what to do. */
import { readFileSync } from 'node:fs';
import { runCommandLine } from './call.ts';
import { processTerminal } from './terminal.ts';

const manifest = new URL('../../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };

process.exitCode = await runCommandLine(process.argv.slice(2), processTerminal(), version);
