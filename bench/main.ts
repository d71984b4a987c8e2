/** `npm run bench -- <suite> [flags]`: finds the suites (`bench/<suite>/main.ts`) and runs one. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Mistake } from './mistake.ts';

/** What each `bench/<suite>/main.ts` exports. */
export interface Suite {
  /** One line for the list. */
  about: string;
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

async function main(name: string | undefined, flags: string[]): Promise<number> {
  if (name === undefined || name === '--help') {
    console.log(await list());
    return 0;
  }
  if (!suiteNames().includes(name)) {
    console.error(`No bench suite is called "${name}".\n\n${await list()}`);
    return 2;
  }
  const suite = await load(name);
  try {
    return await suite.run(flags);
  } catch (thrown) {
    if (!isMistake(thrown)) throw thrown;
    console.error(`bench ${name}: ${thrown.message}`);
    return 2;
  }
}

/** What was given is wrong, and its message says how: no fault of the bench, so nobody is shown where it was found. */
function isMistake(thrown: unknown): thrown is Error {
  if (thrown instanceof Mistake) return true;
  const { code } = thrown as { code?: unknown };
  return thrown instanceof TypeError && typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS');
}

process.exitCode = await main(process.argv[2], process.argv.slice(3));
