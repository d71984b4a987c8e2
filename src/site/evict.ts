/** Parked runs leave memory: what moves them is in the store. */
import type { Clock } from '../base/index.ts';
import { type Host, isParked } from './host.ts';

/** Bounds one commit; the rest leaves at the next look. */
const EVICTIONS_AT_ONCE = 1_000;

export interface EvictorOptions {
  clock: Clock;
  hosts: ReadonlyMap<string, Host>;
  /** A parked run leaves after this long; 0 = at once, Infinity = never. */
  afterMs: number;
  /** It stays until its journal says that it came to rest (doubts.ts): leaving is no loss of a worker. */
  isDoubted(host: Host): boolean;
  /** Gives them up on disk; false = not now. */
  leave(hosts: readonly Host[]): boolean;
}

export interface Evictor {
  moved(host: Host): void;
  look(): void;
}

export function createEvictor({ clock, hosts, afterMs, isDoubted, leave }: EvictorOptions): Evictor {
  const parkedSince = new Map<Host, number>();
  return {
    moved: (host) => void parkedSince.delete(host),
    look() {
      if (afterMs === Infinity) return;
      const now = clock.monotonicMs();
      const leaving: Host[] = [];
      for (const host of hosts.values()) {
        if (!isParked(host) || isDoubted(host) || (host.letters?.size ?? 0) > 0) continue;
        const since = parkedSince.get(host);
        if (since === undefined) parkedSince.set(host, now);
        if (now - (since ?? now) < afterMs) continue;
        host.parting = true;
        leaving.push(host);
        if (leaving.length === EVICTIONS_AT_ONCE) break;
      }
      // They leave now or another time: between a promise to leave and leaving, something could come.
      if (leaving.length > 0 && !leave(leaving)) for (const host of leaving) host.parting = false;
    },
  };
}
