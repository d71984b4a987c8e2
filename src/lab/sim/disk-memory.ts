/** The disk as a memory store: fast, and open to planted bugs. */
import { createMemoryStore, type MemoryStore } from '../../ports/store/memory.ts';
import { createMemoryState, type MemoryState } from '../../ports/store/memory-state.ts';
import { markRestored } from '../../site/backup.ts';
import { createRegister, type Disk, type DiskStream, nobody } from './disk.ts';

export interface MemoryDisk extends Disk {
  readonly store: MemoryStore;
  readonly state: MemoryState;
}

export function createMemoryDisk(): MemoryDisk {
  const { dead, lapsed, mayBeRobbed } = createRegister();
  let state = createMemoryState();
  let store = createMemoryStore({}, state);
  let safe: MemoryState | undefined;
  let backup: MemoryState | undefined;
  let keeping = false;
  let cuts = 0;
  const restoredAt: number[] = [];

  function replace(by: MemoryState): void {
    cuts++;
    for (const place of state.places) dead.add(place.worker);
    state = by;
    safe = keeping ? by.clone() : undefined;
    store = createMemoryStore({}, state);
  }

  function streams(): Map<string, DiskStream> {
    const all = new Map<string, DiskStream>();
    for (const stream of state.streams.values()) {
      const letters = new Map([...stream.letters].map(([id, { dueMs }]) => [id, dueMs] as const));
      all.set(stream.stream, { ...stream, owner: stream.owner?.worker ?? null, letters });
    }
    return all;
  }

  return {
    get store() {
      return store;
    },
    get state() {
      return state;
    },
    get cuts() {
      return cuts;
    },
    restoredAt,
    get hasBackup() {
      return backup !== undefined;
    },
    watcher: nobody,
    mayBeRobbed,
    kill(worker) {
      dead.add(worker);
      store.kill(worker);
    },
    expire(worker) {
      lapsed.add(worker);
      store.expire(worker);
    },
    acts(worker) {
      lapsed.delete(worker);
    },
    barrier() {
      if (keeping) safe = state.clone();
    },
    keepBarriers(keep) {
      keeping = keep;
      safe = keep ? state.clone() : undefined;
    },
    async cutPower() {
      if (safe === undefined) return;
      replace(safe);
      this.watcher.rolledBack(false, streams());
    },
    backUp() {
      backup = state.clone();
      this.watcher.backedUp();
    },
    async restore(nowMs) {
      if (backup === undefined) return;
      restoredAt.push(nowMs);
      replace(backup.clone());
      await markRestored(store, nowMs);
      if (keeping) safe = state.clone();
      this.watcher.rolledBack(true, streams());
    },
    look: async () => streams(),
    async nextDueMs() {
      let nearest = Infinity;
      for (const { status, letters } of state.streams.values())
        if (status === 'open') for (const { dueMs } of letters.values()) nearest = Math.min(nearest, dueMs);
      return nearest;
    },
    async close() {},
  };
}
