/** Waiting for a run: until it ends, until it waits for a person, or for so long; every event on the way is told. */
import type { OpenGate } from '../../site/gates.ts';
import type { Site } from '../../site/site.ts';
import type { Watched } from '../../site/watch.ts';

/** Hosts give up a call after a minute unless they see progress: an answer in time is worth more than the end. */
export const DEFAULT_WAIT_MS = 25_000;
export const MAX_WAIT_MS = 600_000;

export interface Followed {
  /** The seq of the last event seen; -1 = none. */
  seq: number;
  gates: OpenGate[];
}

export interface FollowOptions {
  after?: number;
  waitMs: number;
  signal: AbortSignal;
  onEvent?: (one: Watched) => void | Promise<void>;
  /** True: the events so far are enough. */
  isEnough?: () => boolean;
}

/** Throws only what is wrong with the run or the site; the end of the time is an ordinary end. */
export async function followRun(site: Site, run: string, options: FollowOptions): Promise<Followed> {
  const { after = -1, waitMs, onEvent, isEnough } = options;
  const over = new AbortController();
  const stop = (): void => over.abort();
  const timer = setTimeout(stop, waitMs);
  options.signal.addEventListener('abort', stop, { once: true });
  let seq = after;
  let gates: OpenGate[] = [];
  try {
    // What is there is told whole; only the wait for more is bounded.
    for await (const one of site.watch(run, { after, live: false })) {
      seq = one.seq;
      await onEvent?.(one);
    }
    gates = await site.gates(run);
    if (gates.length > 0 || waitMs <= 0 || isEnough?.() === true || options.signal.aborted) return { seq, gates };
    for await (const one of site.watch(run, { after: seq, signal: over.signal })) {
      seq = one.seq;
      await onEvent?.(one);
      if (mayAsk(one)) {
        gates = await site.gates(run);
        if (gates.length > 0) break;
      }
      if (isEnough?.() === true) break;
    }
  } catch (thrown) {
    if (!over.signal.aborted) throw thrown;
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', stop);
  }
  return { seq, gates };
}

function mayAsk({ event }: Watched): boolean {
  return (
    event.type === 'gate.opened' ||
    (event.type === 'step.asked' && event.kind === 'gate') ||
    (event.type === 'fault.escalated' && event.to === 'person')
  );
}

/** One line about an event, for progress. */
export function tellEvent({ event }: Watched): string {
  const step = 'step' in event && event.step !== undefined ? ` ${event.step}` : '';
  const agent = 'agent' in event && event.agent !== undefined ? ` (${event.agent})` : '';
  return `${event.type}${step}${agent}`;
}
