/**
 * Suspects: runs that were taken over several times of which nothing came. One of them may be what takes workers down,
 * the others only shared a worker with it. So they are taken up one after the other, the likeliest first, and what is
 * counted (flow/heal/quarantine.ts) is only a take after which the run was let begin.
 *
 * P1  One at a time: the next when the one before got a step ahead, rests or is gone, or has lived for TRIAL_MS.
 * P2  The likeliest is the one with the most takes; of equals the one begun last, for its worker died right after.
 * P3  None before this worker has lived for SETTLED_MS, and four times as long for each further take: where workers die
 *     sooner than that, they die without it, too. The last take that counts against a run is one that took down a worker
 *     that had lived well without it.
 */
import type { Clock } from '../base/index.ts';
import type { RunState } from '../model/index.ts';
import type { StreamInfo } from '../ports/store/index.ts';
import type { Host } from './host.ts';

/** Fewer deaths in a row are common where workers are stopped and started; who waits its turn is slow to come. */
export const SUSPECT_CLAIMS = 4;
/** What kills at once has killed by then; whoever works on for longer holds nobody up. */
const TRIAL_MS = 2_000;
const SETTLED_MS = 500;

export interface Suspects {
  add(info: StreamInfo, state: RunState): void;
  has(run: string): boolean;
  readonly size: number;
  /** Lets the next one begin, if it is its turn. Call it often. */
  look(): void;
}

/** How long a worker must have lived before it takes up a run of which nothing came so often. */
function settledMs(claims: number): number {
  return SETTLED_MS * 4 ** Math.max(0, claims - SUSPECT_CLAIMS);
}

export interface SuspectsOptions {
  clock: Clock;
  hosts: ReadonlyMap<string, Host>;
  /** Never throws. */
  takeUp(info: StreamInfo): Promise<void>;
}

interface Suspect {
  info: StreamInfo;
  claims: number;
  atMs: number;
}

export function createSuspects({ clock, hosts, takeUp }: SuspectsOptions): Suspects {
  const line = new Map<string, Suspect>();
  let onTrial: { run: string; sinceMs: number } | undefined;
  const bornMs = clock.monotonicMs();

  function isOver({ run, sinceMs }: { run: string; sinceMs: number }): boolean {
    const host = hosts.get(run);
    if (host === undefined || host.gone || host.state.claims === undefined) return true;
    return host.state.quarantine !== undefined || clock.monotonicMs() - sinceMs >= TRIAL_MS;
  }

  return {
    add: (info, { claims = 0, at }) => void line.set(info.stream, { info, claims, atMs: at }),
    has: (run) => line.has(run),
    get size() {
      return line.size;
    },
    look() {
      const ageMs = clock.monotonicMs() - bornMs;
      if (line.size === 0 || ageMs < SETTLED_MS || (onTrial !== undefined && !isOver(onTrial))) return;
      let next: Suspect | undefined;
      for (const one of line.values())
        if (ageMs >= settledMs(one.claims) && (next === undefined || isLikelier(one, next))) next = one;
      if (next === undefined) return;
      const { info } = next;
      line.delete(info.stream);
      onTrial = undefined;
      void takeUp(info).then(() => (onTrial = { run: info.stream, sinceMs: clock.monotonicMs() }));
    },
  };
}

/** P2. */
function isLikelier(one: Suspect, than: Suspect): boolean {
  return one.claims > than.claims || (one.claims === than.claims && one.atMs > than.atMs);
}
