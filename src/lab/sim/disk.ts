/**
 * The disk of the simulated site: one memory store that every process reaches, and what a power cut
 * leaves of it: what the last barrier had reached.
 */
import { createMemoryStore, type MemoryStore } from '../../ports/store/memory.ts';
import { createMemoryState, type MemoryState } from '../../ports/store/memory-state.ts';
import type { Append, AppendResult, StreamInfo } from '../../ports/store/index.ts';

/** Who watches everything that truly reaches the disk, at the moment it does. */
export interface DiskWatcher {
  committed(worker: string, appends: readonly Append[], results: readonly AppendResult[], barrier: boolean): void;
  claimed(worker: string, streams: readonly StreamInfo[]): void;
  /** Everything after the last barrier is gone. */
  rolledBack(): void;
}

export interface Disk {
  readonly store: MemoryStore;
  readonly state: MemoryState;
  kill(worker: string): void;
  expire(worker: string): void;
  /** A worker whose lease had run out acts, and has it again. */
  acts(worker: string): void;
  /** It is dead, or its lease has run out. */
  mayBeRobbed(worker: string): boolean;
  watcher: DiskWatcher;
  /** How often the power was cut: what was on its way before arrives no more. */
  readonly cuts: number;
  barrier(): void;
  /** Keep what barriers have reached, so that the power can be cut. */
  keepBarriers(keep: boolean): void;
  cutPower(): void;
}

const nobody: DiskWatcher = { committed() {}, claimed() {}, rolledBack() {} };

export function createDisk(): Disk {
  let state = createMemoryState();
  let store = createMemoryStore({}, state);
  let safe: MemoryState | undefined;
  let keeping = false;
  let cuts = 0;
  const dead = new Set<string>();
  const lapsed = new Set<string>();

  return {
    get cuts() {
      return cuts;
    },
    get store() {
      return store;
    },
    get state() {
      return state;
    },
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
    mayBeRobbed: (worker) => dead.has(worker) || lapsed.has(worker),
    watcher: nobody,
    barrier() {
      if (keeping) safe = state.clone();
    },
    keepBarriers(keep) {
      keeping = keep;
      safe = keep ? state.clone() : undefined;
    },
    cutPower() {
      if (safe === undefined) return;
      cuts++;
      for (const place of state.places) dead.add(place.worker);
      state = safe;
      safe = state.clone();
      store = createMemoryStore({}, state);
      this.watcher.rolledBack();
    },
  };
}
