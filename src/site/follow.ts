/** Following runs: whoever waits for one is called when its journal has moved, here or at another worker. */
import { type Clock, Fault } from '../base/index.ts';
import type { RunState } from '../model/index.ts';
import type { Store } from '../ports/store/index.ts';
import type { Host } from './host.ts';
import { remember } from './recent.ts';

/** What no commit of ours announces is looked for this often. */
const FOLLOW_MS = 100;
/** No run is called so. */
const ANY = '';

export interface Follower {
  /** The run has moved at this worker. */
  moved(host: Host): void;
  /** Until the run's end is on disk; its state, when it ended here. */
  ended(run: string, signal?: AbortSignal): Promise<RunState | undefined>;
  /** Until the run may have more on disk. A hint: there may be nothing. */
  more(run: string, signal?: AbortSignal): Promise<void>;
  /** Until any run may have more on disk; a moment at least, so that much is read together. */
  any(atLeastMs: number, signal?: AbortSignal): Promise<void>;
  stop(): void;
}

export interface FollowerOptions {
  store: Store;
  clock: Clock;
  isHere(run: string): boolean;
}

type Call = (state?: RunState) => void;

export function createFollower({ store, clock, isHere }: FollowerOptions): Follower {
  const forEnd = new Map<string, Set<Call>>();
  const forMore = new Map<string, Set<Call>>();
  const recent = new Map<string, RunState>();
  let stopped = false;

  function tell(waiting: Map<string, Set<Call>>, run: string, state?: RunState): boolean {
    const calls = waiting.get(run);
    if (calls === undefined) return false;
    for (const call of calls) call(state);
    return true;
  }

  function wait(
    waiting: Map<string, Set<Call>>,
    run: string,
    forMs: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<RunState | undefined> {
    return new Promise((resolve) => {
      let calls = waiting.get(run);
      if (calls === undefined) {
        calls = new Set();
        waiting.set(run, calls);
      }
      const cancel = forMs === undefined ? undefined : clock.after(forMs, () => done());
      const aborted = signal === undefined ? undefined : (): void => done();
      if (aborted !== undefined) signal?.addEventListener('abort', aborted, { once: true });
      const done: Call = (state) => {
        cancel?.();
        if (aborted !== undefined) signal?.removeEventListener('abort', aborted);
        calls.delete(done);
        if (calls.size === 0 && waiting.get(run) === calls) waiting.delete(run);
        resolve(state);
      };
      calls.add(done);
    });
  }

  function checkStopped(): void {
    if (stopped) throw new Fault('site.stopped', 'the site has stopped');
  }

  async function more(run: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    checkStopped();
    await wait(forMore, run, FOLLOW_MS, signal);
    signal?.throwIfAborted();
    checkStopped();
  }

  return {
    moved(host) {
      if (forMore.size > 0) {
        tell(forMore, host.run);
        tell(forMore, ANY);
      }
      if (!host.ended && !host.gone) return;
      // The state is the proof only when its end was committed here.
      const state = host.endKept ? host.state : undefined;
      if (!tell(forEnd, host.run, state) && state !== undefined) remember(recent, host.run, state);
    },
    async ended(run, signal) {
      for (;;) {
        signal?.throwIfAborted();
        checkStopped();
        const ended = recent.get(run);
        if (ended !== undefined) return ended;
        const here = isHere(run);
        if (!here) {
          const info = await store.info(run);
          if (info === null) throw new Fault('not-found', `there is no run ${run}`);
          if (info.status === 'ended') return undefined;
        }
        const state = await wait(forEnd, run, here ? undefined : FOLLOW_MS, signal);
        if (state !== undefined) return state;
      }
    },
    more,
    async any(atLeastMs, signal) {
      await more(ANY, signal);
      await new Promise<void>((resolve) => clock.after(atLeastMs, resolve));
    },
    stop() {
      stopped = true;
      for (const waiting of [forEnd, forMore]) for (const calls of waiting.values()) for (const call of calls) call();
    },
  };
}
