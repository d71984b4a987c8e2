/** `npm run bench -- <suite> [flags]`: finds the suites (`bench/<suite>/main.ts`) and runs one. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Mistake } from './mistake.ts';
import { nearest } from '../src/base/index.ts';

/** What each `bench/<suite>/main.ts` exports. */
export interface Suite {
  /** One line for the list. */
  about: string;
  /** How it is called: every flag that it takes, one a line. */
  usage: string;
  /** Gives the exit code. */
  run(flags: string[]): Promise<number>;
}

const here = import.meta.dirname;

const suiteNames = (): string[] =>
  readdirSync(here, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(here, entry.name, 'main.ts')))
    .map((entry) => entry.name)
    .sort();

const load = async (name: string): Promise<Suite> => (await import(`./${name}/main.ts`)) as Suite;

async function list(): Promise<string> {
  const lines = await Promise.all(suiteNames().map(async (name) => `  ${name.padEnd(12)} ${(await load(name)).about}`));
  return ['usage: npm run bench -- <suite> [flags]', '', 'suites:', ...lines].join('\n');
}

/** What is wrong with the flags; a suite that takes one tells of it in its usage. */
function mistakeIn(flags: readonly string[], usage: string): string | undefined {
  const known = [...usage.matchAll(/--([a-z][a-z-]*)/g)].map(([, name]) => name!);
  for (const flag of flags) {
    const name = /^--([^=]*)/.exec(flag)?.[1];
    if (name === '') return undefined;
    if (name === undefined || known.includes(name)) continue;
    return `unknown option '--${name}'${nearest(name, known)}`;
  }
  return undefined;
}

/** Of who called it: a value that is missing, or one too many. */
function isMisuse(thrown: unknown): thrown is Error {
  return thrown instanceof TypeError && 'code' in thrown && String(thrown.code).startsWith('ERR_PARSE_ARGS');
}

async function main(name: string | undefined, flags: string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h') {
    console.log(await list());
    return DONE;
  }
  if (!suiteNames().includes(name)) {
    console.error(`No bench suite is called "${name}"${nearest(name, suiteNames())}.\n\n${await list()}`);
    return MISUSED;
  }
  const suite = await load(name);
  if (flags.includes('--help') || flags.includes('-h')) {
    console.log(suite.usage);
    return DONE;
  }
  const mistake = mistakeIn(flags, suite.usage);
  if (mistake !== undefined) {
    console.error(`${mistake}\n\n${suite.usage}`);
    return MISUSED;
  }
  try {
    return await suite.run(flags);
  } catch (thrown) {
    // What was given is wrong, and its message says how: nobody is shown where it was found.
    if (thrown instanceof Mistake) {
      console.error(`bench ${name}: ${thrown.message}`);
      return MISUSED;
    }
    if (!isMisuse(thrown)) throw thrown;
    console.error(`${thrown.message}\n\n${suite.usage}`);
    return MISUSED;
  }
}

const DONE = 0;
const MISUSED = 2;

process.exitCode = await main(process.argv[2], process.argv.slice(3));
