/** How a run stands, in one word: `skein ps` and `skein show` say the same. */
import type { RunState } from '../../model/index.ts';
import type { Site } from '../../site/face.ts';
import { openDrifts, openGates } from '../../site/gates.ts';

type Workers = Awaited<ReturnType<Site['store']['workers']>>;

/** The workers that are alive at the store. */
export function aliveOf(workers: Workers): ReadonlySet<string> {
  return new Set(workers.flatMap((one) => (one.alive ? [one.worker] : [])));
}

/** `owner`: who holds it, as the store says. A worker that was killed holds it until another one takes it. */
export function standingOf(state: RunState, owner: string | null, alive: ReadonlySet<string>): string {
  if (state.outcome !== undefined) return state.outcome;
  if (state.quarantine !== undefined) return 'set aside';
  if (openGates(state).length > 0 || openDrifts(state).length > 0) return 'asks a person';
  // Given up by its worker, it waits for its time, a signal or a child; held by a dead one, for another worker.
  if (owner === null) return 'waiting';
  if (!alive.has(owner)) return NO_WORKER;
  return state.cancelling === undefined ? 'working' : 'cancelling';
}

export const NO_WORKER = 'no worker';
