/** A site that can die, on a store and a clock that outlive it. */
import { createSeededChance, type Fault } from '../../base/index.ts';
import { decodeRecord, type Event } from '../../model/index.ts';
import { createMemoryStore, type MemoryStore } from '../../ports/store/memory.ts';
import type { Store } from '../../ports/store/index.ts';
import { openSite, type Site, type SiteOptions } from '../../site/site.ts';
import { createTrialClock, type TrialClock } from './clock.ts';
import { createDoom, type Doom, type DoomAt } from './doom.ts';

export interface Trial {
  store: MemoryStore;
  clock: TrialClock;
  /** What went wrong inside of any site. */
  troubles: Fault[];
  open(options: Partial<SiteOptions>, at?: DoomAt): Promise<{ site: Site; doom: Doom }>;
  events(run: string): Promise<Event[]>;
  isEnded(run: string): Promise<boolean>;
}

export function createTrial(): Trial {
  const store = createMemoryStore();
  const clock = createTrialClock();
  const troubles: Fault[] = [];
  let sites = 0;
  return {
    store,
    clock,
    troubles,
    async open(options, at) {
      const doom = createDoom(at);
      const worker = `w${++sites}`;
      const site = await openSite({
        store: doom.store(store),
        clock: doom.clock(clock),
        chance: createSeededChance(worker),
        worker,
        onTrouble: (_run, fault) => void (fault !== undefined && troubles.push(fault)),
        ...options,
      });
      return { site, doom };
    },
    events: (run) => eventsOf(store, run),
    isEnded: async (run) => (await store.info(run))?.status === 'ended',
  };
}

export async function eventsOf(store: Store, run: string): Promise<Event[]> {
  const records = await store.read(run);
  return records.flatMap((record) => decodeRecord(record).flatMap((turn) => turn.events));
}
