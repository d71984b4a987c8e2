/**
 * A run of more than 200 steps, crashed at each of its appends in turn: before the append, after it, and
 * with its answer lost. The outcome is always the same.
 */
import type { Json } from '../../base/index.ts';
import { CALM } from './agents.ts';
import type { FaultMix } from './faults.ts';
import { type Part, signalsOf } from './flows/index.ts';
import type { Job } from './people.ts';
import { type End, NO_FAULTS, runSeed, type SeedResult } from './run-seed.ts';

export const CRASHES = ['before', 'after', 'lost'] as const;
export type Crash = (typeof CRASHES)[number];

/** A crash does not change how long anything may take. */
const timeoutMs = 30_000;

function ask(name: string, skill = 'think'): Part {
  return { do: 'ask', name, skill, timeoutMs };
}

function effect(name: string, skill: string): Part {
  return { do: 'effect', name, skill, timeoutMs };
}

function seq(...of: Part[]): Part {
  return { do: 'seq', of };
}

/** Every kind of step, 200 of them and more. */
export function longJob(): Job {
  const part = seq(
    { do: 'code', name: 'first' },
    {
      do: 'map',
      name: 'wide',
      items: Array.from({ length: 16 }, (_, i) => `item ${i}`),
      width: 4,
      body: seq(ask('read'), effect('send', 'mail'), { do: 'code', name: 'sum' }),
    },
    {
      do: 'loop',
      name: 'turns',
      turns: 40,
      body: seq(ask('look'), { do: 'code', name: 'step' }, { do: 'wait', name: 'rest', ms: 5 }),
    },
    {
      do: 'join',
      name: 'both',
      mode: 'all',
      branches: [
        seq(effect('seat', 'book'), ask('a')),
        seq(effect('jot', 'note'), ask('b', 'shaky')),
        ask('c', 'busy'),
      ],
    },
    { do: 'join', name: 'first of', mode: 'any', branches: [ask('race1'), ask('race2')] },
    { do: 'join', name: 'most of', mode: 'atLeast', branches: [ask('m1'), ask('m2'), ask('m3')] },
    { do: 'join', name: 'ends', mode: 'settled', branches: [ask('bad', 'broken'), ask('good')] },
    {
      do: 'try',
      of: { do: 'join', name: 'fails', mode: 'all', branches: [ask('no', 'broken'), effect('late', 'book')] },
    },
    { do: 'try', of: { do: 'gated', name: 'pays', skill: 'pay', timeoutMs } },
    { do: 'try', of: { do: 'effect', name: 'wires', skill: 'wire', right: 'pay:pass', timeoutMs } },
    { do: 'try', of: { do: 'gate', name: 'may it' } },
    { do: 'signal', name: 'go' },
    { do: 'now', name: 'then' },
    { do: 'random', name: 'dice', timeoutMs },
    { do: 'wait', name: 'an hour', ms: 3_600_000 },
    ask('lesser way', 'think'),
    { do: 'ask', name: 'hard', skill: 'hard', lesser: ['think'], timeoutMs },
    { do: 'ask', name: 'panel', skill: 'think', panel: 3, timeoutMs },
    { do: 'child', name: 'child', part: seq(ask('q'), effect('own', 'mail')), budget: 50, more: 1 },
    { do: 'child', name: 'draws', part: seq(ask('q'), effect('own', 'stamp')) },
  );
  const input = { part, carry: 'long', more: 0 } as unknown as Json;
  return { run: 'r1', flow: 'gen', input, signals: signalsOf(part), atMs: 0, budget: { money: 5_000 }, steady: true };
}

const CRASH_MIX: FaultMix = { ...NO_FAULTS, workers: 1, reply: CALM };

export interface Enumerated {
  steps: number;
  /** Appends of the run that was not crashed; each was crashed in every way. */
  appends: number;
  runs: number;
  expected: ReadonlyMap<string, End>;
  /** Where something was found. */
  bad: { place: number; how: Crash; result: SeedResult }[];
}

export interface EnumerateOptions {
  hows?: readonly Crash[];
  /** Only places with place % of === at. */
  share?: { at: number; of: number };
  job?: Job;
}

export async function enumerate(options: EnumerateOptions = {}): Promise<Enumerated> {
  const job = options.job ?? longJob();
  const { at, of } = options.share ?? { at: 0, of: 1 };
  const base = await crash(job, undefined);
  const bad: Enumerated['bad'] = [];
  let runs = 0;
  for (let place = at; place < base.places; place += of) {
    for (const how of options.hows ?? CRASHES) {
      runs++;
      const result = await crash(job, { place, how }, base.ends);
      if (result.findings.length > 0) bad.push({ place, how, result });
    }
  }
  return { steps: base.steps, appends: base.places, runs, expected: base.ends, bad };
}

/** One run, crashed once. */
export function crash(
  job: Job,
  crashAt: { place: number; how: Crash } | undefined,
  expected: ReadonlyMap<string, End> = new Map(),
): Promise<SeedResult> {
  return runSeed('enumerated', { jobs: [job], mix: CRASH_MIX, crashAt, expected, keepTrace: false });
}
