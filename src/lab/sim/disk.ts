/**
 * The disk of the simulated site: one memory store that every process reaches, what a power cut leaves of
 * it (what the last barrier had reached), and a backup that may take its place.
 */
import { createMemoryStore, type MemoryStore } from '../../ports/store/memory.ts';
import { createMemoryState, type MemoryState } from '../../ports/store/memory-state.ts';
import type { Append, AppendResult, StreamInfo } from '../../ports/store/index.ts';
import { markRestored } from '../../site/backup.ts';

/** Who watches everything that truly reaches the disk, at the moment it does. */
export interface DiskWatcher {
  committed(worker: string, appends: readonly Append[], results: readonly AppendResult[], barrier: boolean): void;
  claimed(worker: string, streams: readonly StreamInfo[]): void;
  /** Everything after the last barrier is gone, or (restored) after the backup. */
  rolledBack(restored: boolean): void;
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
  /** A copy of everything as it is now. */
  backUp(): void;
  readonly hasBackup: boolean;
  /** The copy takes the place of everything: whoever was there is gone. Every run is told. */
  restore(nowMs: number): Promise<void>;
  /** How often. */
  readonly restores: number;
}

const nobody: DiskWatcher = { committed() {}, claimed() {}, rolledBack() {} };

export function createDisk(): Disk {
  let state = createMemoryState();
  let store = createMemoryStore({}, state);
  let safe: MemoryState | undefined;
  let keeping = false;
  let cuts = 0;
  let backup: MemoryState | undefined;
  let restores = 0;
  const dead = new Set<string>();
  const lapsed = new Set<string>();

  function replace(by: MemoryState): void {
    cuts++;
    for (const place of state.places) dead.add(place.worker);
    state = by;
    safe = keeping ? by.clone() : undefined;
    store = createMemoryStore({}, state);
  }

  return {
    get restores() {
      return restores;
    },
    get hasBackup() {
      return backup !== undefined;
    },
    backUp() {
      backup = state.clone();
    },
    async restore(nowMs) {
      if (backup === undefined) return;
      restores++;
      replace(backup.clone());
      await markRestored(store, nowMs);
      if (keeping) safe = state.clone();
      this.watcher.rolledBack(true);
    },
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
      replace(safe);
      this.watcher.rolledBack(false);
    },
  };
}
