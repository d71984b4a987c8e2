// `npm run conformance -- <suite> [flags]`: finds the suites (`test/conformance/<suite>/main.ts`) and runs one.
// With --json it prints one object: { suite, version, passed, failed, notApplicable: [{ name, why }] }.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Score {
  suite: string;
  version: string;
  passed: number;
  failed: number;
  notApplicable: { name: string; why: string }[];
  /** What failed, by name. */
  failures: string[];
}

/** What each suite's main.ts exports. */
export interface ConformanceSuite {
  score(flags: readonly string[]): Promise<Score>;
}

const names = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(import.meta.dirname, entry.name, 'main.ts')))
  .map((entry) => entry.name);

async function main(name: string | undefined, flags: readonly string[]): Promise<number> {
  if (name === undefined || !names.includes(name)) {
    process.stderr.write(`usage: npm run conformance -- <suite> [--json]\nsuites: ${names.join(', ')}\n`);
    return 2;
  }
  const suite = (await import(`./${name}/main.ts`)) as ConformanceSuite;
  const score = await suite.score(flags);
  if (flags.includes('--json')) say(JSON.stringify(score));
  else print(score);
  return score.failed === 0 && score.passed > 0 ? 0 : 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function print({ suite, version, passed, failed, notApplicable, failures }: Score): void {
  for (const { name, why } of notApplicable) say(`- ${name}: ${why}`);
  for (const name of failures) say(`✗ ${name}`);
  say(`${suite} ${version}: ${passed} passed, ${failed} failed, ${notApplicable.length} do not apply`);
}

process.exitCode = await main(process.argv[2], process.argv.slice(3));
