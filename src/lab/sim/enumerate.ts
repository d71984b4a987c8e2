/**
 * A run of more than 200 steps, crashed at each of its appends in turn: before the append, after it, and
 * with its answer lost. The outcome is always the same.
 */
import { CALM } from './agents.ts';
import type { FaultMix } from './faults.ts';
import { longJob, longSub } from './long-jobs.ts';
import type { Job } from './people.ts';
import { type End, NO_FAULTS, runSeed, type SeedResult } from './run-seed.ts';

export const CRASHES = ['before', 'after', 'lost'] as const;
export type Crash = (typeof CRASHES)[number];

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
  return runSeed('enumerated', { jobs: [job], subs: [longSub], mix: CRASH_MIX, crashAt, expected, keepTrace: false });
}
