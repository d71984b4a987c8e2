/** Token buckets by name: how often something may be done. Who is quiet for long is forgotten. */
import type { Clock } from '../../base/index.ts';

export interface Rate {
  /** 0 when it may be done now, else after how many milliseconds. */
  take(name: string): number;
}

/** Names remembered; the one quiet for longest goes first. */
const MAX_NAMES = 10_000;

export function createRate(clock: Clock, perSecond: number, burst: number): Rate {
  const buckets = new Map<string, { left: number; atMs: number }>();

  return {
    take(name) {
      const nowMs = clock.monotonicMs();
      const known = buckets.get(name);
      buckets.delete(name);
      if (buckets.size >= MAX_NAMES) buckets.delete(buckets.keys().next().value!);
      const refilled = known === undefined ? burst : known.left + ((nowMs - known.atMs) * perSecond) / 1000;
      const left = Math.min(burst, refilled);
      const isAllowed = left >= 1;
      buckets.set(name, { left: isAllowed ? left - 1 : left, atMs: nowMs });
      return isAllowed ? 0 : Math.ceil(((1 - left) * 1000) / perSecond);
    },
  };
}
