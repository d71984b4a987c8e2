/**
 * Suspects: runs that were taken over several times of which nothing came. One of them may be what takes workers down,
 * the others only shared a worker with it. So they are taken up one after the other, the likeliest first, and what is
 * counted (flow/heal/quarantine.ts) is only a take after which the run was let begin.
 *
 * P1  One at a time: the next when the one before got a step ahead, rests or is gone, or has lived for TRIAL_MS.
 * P2  The likeliest is the one with the most takes; of equals the one begun last, for its worker died right after.
 * P3  None before this worker has lived for SETTLED_MS: where workers die sooner than that, they die without it, too,
 *     and what was just taken up has had no time to get anywhere.
 */
import type { Clock } from '../base/index.ts';
import type { RunState } from '../model/index.ts';
import type { StreamInfo } from '../ports/store/index.ts';
import type { Host } from './host.ts';

/** Fewer deaths in a row are common where workers are stopped and started; who waits its turn is slow to come. */
export const SUSPECT_CLAIMS = 4;
/** What kills at once has killed by then; whoever works on for longer holds nobody up. */
export const TRIAL_MS = 2_000;
export const SETTLED_MS = 500;

export interface Suspects {
  add(info: StreamInfo, state: RunState): void;
  has(run: string): boolean;
  readonly size: number;
  /** Lets the next one begin, if it is its turn. Call it often. */
  look(): void;
}

export interface SuspectsOptions {
  clock: Clock;
  hosts: ReadonlyMap<string, Host>;
  /** Never throws. */
  takeUp(info: StreamInfo): Promise<void>;
}

export function createSuspects({ clock, hosts, takeUp }: SuspectsOptions): Suspects {
  const line = new Map<string, { info: StreamInfo; claims: number; atMs: number }>();
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
      if (line.size === 0 || clock.monotonicMs() - bornMs < SETTLED_MS) return;
      if (onTrial !== undefined && !isOver(onTrial)) return;
      let [next] = line.values();
      for (const one of line.values())
        if (one.claims > next!.claims || (one.claims === next!.claims && one.atMs > next!.atMs)) next = one;
      const { info } = next!;
      line.delete(info.stream);
      onTrial = undefined;
      void takeUp(info).then(() => (onTrial = { run: info.stream, sinceMs: clock.monotonicMs() }));
    },
  };
}
