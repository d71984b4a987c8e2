/** Steps a second: ours, a forty-line floor, and with --peers the engines others have made. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measure } from './measure.ts';
import { installPeers } from './peers/install.ts';
import { loopbackOnly } from './peers/loopback.ts';
import { report } from './report.ts';
import { reportJson } from './report-json.ts';
import { own } from './skein.ts';
import { FLOOR, OWN, peerSubjects, type Subject } from './subjects.ts';

export const about = 'steps/s alone and 100 at once, fan-out, sleeping runs, resume; --peers compares';

export const usage = `usage: npm run bench -- steps [--peers] [--json] [--rounds n] [--slot ms] [--only a,b] [--dir d]
  --peers    install and run LangGraph, Mastra and Restate too (loopback only)
  --json     the last line is one JSON object
  --rounds   interleaved rounds whose medians are shown (5; with --peers 3)
  --slot     milliseconds of each measurement (800)
  --only     these subjects only, by key
  --dir      where the files go; it must be on a disk (default: .scratch/ in the repository)`;

function wholeNumber(name: string, given: string | undefined, otherwise: number): number {
  const value = given === undefined ? otherwise : Number(given);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1`);
  return value;
}

function read(flags: string[]) {
  const { values } = parseArgs({
    args: flags,
    options: {
      peers: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      slot: { type: 'string' },
      only: { type: 'string' },
      dir: { type: 'string' },
    },
  });
  return {
    ...values,
    rounds: wholeNumber('rounds', values.rounds, values.peers ? 3 : 5),
    slotMs: wholeNumber('slot', values.slot, 800),
    only: values.only?.split(','),
    dir: resolve(values.dir ?? join(import.meta.dirname, '../../.scratch')),
  };
}

function choose(only: string[] | undefined, peers: readonly Subject[]): Subject[] {
  const all = [...FLOOR, ...(own ? OWN : []), ...peers];
  const unknown = only?.find((key) => !all.some((subject) => subject.key === key));
  if (unknown) throw new Error(`no subject "${unknown}"; there are ${all.map(({ key }) => key).join(', ')}`);
  return only ? all.filter(({ key }) => only.includes(key)) : all;
}

export async function run(flags: string[]): Promise<number> {
  const progress = (line: string) => void process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : '');
  let options: ReturnType<typeof read>;
  try {
    options = read(flags);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const missing = options.peers ? await installPeers(progress) : new Map<string, string>();
  const peers = options.peers ? peerSubjects(missing, loopbackOnly()) : [];
  let subjects: Subject[];
  try {
    subjects = choose(options.only, peers);
  } catch (error) {
    console.error((error as Error).message);
    return 2;
  }
  mkdirSync(options.dir, { recursive: true });
  const dir = mkdtempSync(join(options.dir, 'bench-steps-'));
  try {
    const { rounds: count, slotMs } = options;
    const rounds = await measure({ subjects, rounds: count, slotMs, dir, onProgress: progress });
    progress('');
    console.log(`Node ${process.versions.node}, ${availableParallelism()} cores`);
    if (!own) console.log('our own engine is not plugged in yet (bench/steps/skein.ts)');
    console.log(`\n${report(rounds, subjects, missing)}`);
    if (options.json) console.log(JSON.stringify(reportJson(rounds, subjects, missing)));
    // A peer that failed is said in the report; only our own house failing fails the bench.
    const ours = subjects.filter(({ group }) => group !== 'peer');
    return ours.some(({ key }) => rounds.answers(key).length === 0) ? 1 : 0;
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}
