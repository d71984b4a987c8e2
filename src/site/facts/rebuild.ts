/**
 * Rebuild: the figures again, from the journals of the runs. What is kept is a cache of them (keep.ts, K3).
 *
 * R1  Every try's end that a journal has counts as it did when it was observed. What no journal says is not there: an
 *     answer's price that was just what had been held for it, calls that a lost worker had out, and what was compacted.
 *     A wait in an agent's line is in the time of its call: no journal says when the call went out.
 * R2  Tries of all runs are folded in the order of their ends, as far as MAX_HELD of them allow: figures forget the past.
 * R3  A run whose journal cannot be read is passed over, and named.
 */
import { type Fault, toFault } from '../../base/index.ts';
import { fold, goalSkill, type RunState } from '../../model/index.ts';
import type { Store } from '../../ports/store/index.ts';
import { loadRun } from '../load.ts';
import { isOwnStream } from '../own-streams.ts';
import { createFacts, type FactsState } from './facts.ts';
import type { Observation } from './observation.ts';
import { createTries } from './tries.ts';

export interface RebuildOptions {
  /** Only tries that ended before. */
  untilMs?: number;
  signal?: AbortSignal;
  /** Called between runs. */
  rest?: () => Promise<void>;
  onTrouble?: (run: string, fault: Fault) => void;
}

const PAGE = 256;
/** R2. Held to be put in order: a few dozen MB. */
const MAX_HELD = 131_072;

export async function rebuildFacts(store: Store, options: RebuildOptions = {}): Promise<FactsState> {
  const { untilMs = Infinity, signal, rest } = options;
  const facts = createFacts();
  let held: Observation[] = [];

  function foldFirst(n: number): void {
    held.sort((a, b) => a.atMs - b.atMs);
    for (const one of held.slice(0, n)) facts.observe(one);
    held = held.slice(n);
  }

  for await (const run of runsOf(store)) {
    signal?.throwIfAborted();
    try {
      const found = await observationsOf(store, run);
      for (const one of found) if (one.atMs < untilMs) held.push(one);
    } catch (thrown) {
      options.onTrouble?.(run, toFault(thrown, 'journal.broken'));
    }
    if (held.length > MAX_HELD) foldFirst(MAX_HELD / 2);
    await rest?.();
  }
  foldFirst(held.length);
  return facts.save();
}

async function* runsOf(store: Store): AsyncIterable<string> {
  let after: string | undefined;
  for (;;) {
    const page = await store.list({ after, limit: PAGE });
    for (const { stream } of page) if (!isOwnStream(stream)) yield stream;
    if (page.length < PAGE) return;
    after = page.at(-1)!.stream;
  }
}

/** R1. What was observed of one run's tries, in the order of the journal. */
export async function observationsOf(store: Store, run: string): Promise<Observation[]> {
  const found: Observation[] = [];
  let state: RunState;
  const tries = createTries(
    run,
    ({ step, ask, lesser }) => {
      const asked = state.steps.get(step);
      return asked === undefined ? undefined : (ask?.skill ?? goalSkill(asked, lesser));
    },
    (one) => void found.push(one),
  );
  await loadRun(store, run, {
    snapshot: 'needed',
    take(folded, turn) {
      state = folded;
      for (const event of turn.events) {
        tries.take(turn.at, event);
        fold(state, event);
      }
      return true;
    },
  });
  return found;
}
