/**
 * Cascades from journals alone: the last records of the store, whoever wrote them, are read in the order in which they came,
 * and looked at as a worker looks at its own tries. So a site that is down tells what it went down by, and a worker that
 * starts knows what was going round when the last one stopped.
 *
 * J1  At most MAX_RECORDS of the newest are read; of a step that was asked before them its tries are passed over.
 * J2  A record that cannot be read is counted and passed over: `skein verify` is for that.
 */
import { decodeRecord, type EncodedRecord, type Event, type StepSpec } from '../../model/index.ts';
import type { Store } from '../../ports/store/index.ts';
import { createTries, type Observation, type Tries } from '../facts/index.ts';
import { isOwnStream } from '../own-streams.ts';
import { moveNamed } from '../names.ts';
import { type Cascade, type CascadeOptions, createCascades } from './cascade.ts';

export interface CascadeStory extends Cascade {
  /** How often it was found: each time it is counted anew from nothing. */
  times: number;
  firstMs: number;
  lastMs: number;
  /** Runs that failed in it last. */
  runs: string[];
}

export interface CascadesFound {
  /** The latest first. */
  cascades: CascadeStory[];
  /** Records that were read, and those that could not be. */
  records: number;
  broken: number;
}

/** J1. Some seconds of reading; at a hundred records a second three minutes of a site. */
export const MAX_RECORDS = 20_000;
/** A worker that starts reads so many: it is not to be kept waiting, and the past fades within minutes. */
export const RECALL_RECORDS = 2_000;
const PAGE = 200;
/** Runs of a window whose steps are remembered; the oldest go first. */
const MAX_RUNS = 4_096;
/** Runs that a story names, and failing runs of a skill that are kept to be named. */
const MAX_NAMED = 8;

export async function cascadesIn(
  store: Store,
  options: CascadeOptions & { records?: number } = {},
): Promise<CascadesFound> {
  const cascades = createCascades(options);
  const stories = new Map<string, CascadeStory>();
  const failing = new Map<string, Set<string>>();
  const read = await lastTries(
    store,
    (seen) => {
      const runs = failing.get(seen.skill) ?? new Set();
      if (seen.end === 'failed' && seen.run !== undefined) {
        failing.set(seen.skill, runs);
        runs.delete(seen.run);
        runs.add(seen.run);
        if (runs.size > MAX_NAMED) runs.delete(runs.values().next().value!);
      }
      const cascade = cascades.observed(seen);
      if (cascade === undefined) return;
      const { skill, circle } = cascade;
      const key = [skill, ...circle.toSorted()].join('\n');
      const { times, firstMs } = stories.get(key) ?? { times: 0, firstMs: seen.atMs };
      stories.delete(key);
      stories.set(key, { skill, circle, times: times + 1, firstMs, lastMs: seen.atMs, runs: [...runs].reverse() });
    },
    { records: options.records },
  );
  return { cascades: [...stories.values()].reverse(), ...read };
}

/** The ends of tries in the store's last records, in the order in which they came. */
export async function lastTries(
  store: Store,
  found: (seen: Observation) => void,
  { records = MAX_RECORDS, until = () => false }: { records?: number; until?: () => boolean } = {},
): Promise<{ records: number; broken: number }> {
  const { next: end } = await store.log({ from: Infinity, limit: 1 });
  const runs = new Map<string, { tries: Tries; specs: Map<string, StepSpec> }>();
  const count = { records: 0, broken: 0 };

  function runOf(run: string): { tries: Tries; specs: Map<string, StepSpec> } {
    let known = runs.get(run);
    if (known === undefined) {
      const specs = new Map<string, StepSpec>();
      const tries = createTries(
        run,
        ({ step, ask, lesser }) => {
          const spec = specs.get(step);
          return ask?.skill ?? (lesser === undefined ? undefined : spec?.lesser?.[lesser]?.skill) ?? spec?.skill;
        },
        found,
      );
      runs.set(run, (known = { tries, specs }));
      if (runs.size > MAX_RUNS) runs.delete(runs.keys().next().value!);
    }
    return known;
  }

  function take(run: string, record: EncodedRecord): void {
    const { tries, specs } = runOf(run);
    for (const turn of decodeRecord(record))
      for (const event of turn.events) {
        noteSpec(specs, event);
        tries.take(turn.at, event);
        if (event.type === 'run.ended') runs.delete(run);
      }
  }

  for (let from = Math.max(0, end - records); from < end && !until();) {
    const page = await store.log({ from, limit: Math.min(PAGE, end - from) });
    if (page.records.length === 0) return count;
    for (const { stream, record } of page.records) {
      if (isOwnStream(stream)) continue;
      count.records++;
      try {
        take(stream, record);
      } catch {
        count.broken++;
      }
    }
    from = page.next;
  }
  return count;
}

function noteSpec(specs: Map<string, StepSpec>, event: Event): void {
  if ((event.type === 'step.asked' || event.type === 'step.resumed') && event.spec !== undefined)
    specs.set(event.step, event.spec);
  else if (event.type === 'step.renamed') moveNamed(specs, event);
  else if (event.type === 'step.settled') specs.delete(event.step);
}
