/**
 * The disk of the simulated site: one store that every process reaches, what a power cut leaves of it (what
 * the last barrier had reached), and a backup that may take its place.
 */
import type { EncodedRecord } from '../../model/index.ts';
import type { Append, AppendResult, Snapshot, Store, StreamInfo } from '../../ports/store/index.ts';

/** Who watches everything that truly reaches the disk, at the moment it does. */
export interface DiskWatcher {
  committed(worker: string, appends: readonly Append[], results: readonly AppendResult[], barrier: boolean): void;
  claimed(worker: string, streams: readonly StreamInfo[]): void;
  /** A backup was made. */
  backedUp(): void;
  /** Everything after the last barrier is gone, or (restored) after the backup. What is there now: `streams`. */
  rolledBack(restored: boolean, streams: ReadonlyMap<string, DiskStream>): void;
}

/** One stream as it stands on the disk. */
export interface DiskStream {
  stream: string;
  status: 'open' | 'ended';
  epoch: number;
  owner: string | null;
  records: readonly EncodedRecord[];
  /** When each letter is due. */
  letters: ReadonlyMap<string, number>;
  snapshot: Snapshot | null;
}

export interface Disk {
  readonly store: Store;
  kill(worker: string): void;
  expire(worker: string): void;
  /** A worker whose lease had run out acts, and has it again. */
  acts(worker: string): void;
  /** It is dead, or its lease has run out. */
  mayBeRobbed(worker: string): boolean;
  watcher: DiskWatcher;
  /** How often everything was set back: what was on its way before arrives no more. */
  readonly cuts: number;
  barrier(): void;
  /** Keep what barriers have reached, so that the power can be cut. */
  keepBarriers(keep: boolean): void;
  cutPower(): Promise<void>;
  /** A copy of everything as it is now. */
  backUp(): void;
  readonly hasBackup: boolean;
  /** The copy takes the place of everything: whoever was there is gone. Every run is told. */
  restore(nowMs: number): Promise<void>;
  /** When (wall time of the restore). */
  readonly restoredAt: readonly number[];
  look(): Promise<ReadonlyMap<string, DiskStream>>;
  /** When the next letter of an open stream is due. */
  nextDueMs(): Promise<number>;
  close(): Promise<void>;
}

export const nobody: DiskWatcher = { committed() {}, claimed() {}, backedUp() {}, rolledBack() {} };

/** Who is dead, and whose lease has run out: the same for every kind of store. */
export function createRegister() {
  const dead = new Set<string>();
  const lapsed = new Set<string>();
  return {
    dead,
    lapsed,
    mayBeRobbed: (worker: string) => dead.has(worker) || lapsed.has(worker),
  };
}
