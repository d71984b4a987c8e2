/**
 * The store port: where journals live. Memory, SQLite and PostgreSQL stand beside this file; all run
 * the same contract (contract.ts). A store knows streams, records, letters and workers, and nothing
 * of what is in them.
 *
 * S1  An append is atomic: record, head, letters sent and taken, status, all or nothing.
 * S2  An append wins only at the head and epoch it expects; else it loses as a value, never a throw.
 * S3  Epochs only rise; a claim raises the epoch by one.
 * S4  After commit(barrier: true) resolves, what it wrote survives kill -9 and power loss (as far as
 *     the engine can promise); after barrier: false it survives kill -9 of the process.
 * S5  A commit that throws has acknowledged nothing; the same appends may be tried again, and an
 *     append that had in truth gone through then loses with `why: 'head'` and the head it made.
 * S6  A letter is delivered until it is taken by an append of its stream; while it waits, the same id
 *     on the same stream is kept once (the first). Letters to a stream that is not there yet wait
 *     for it; those of an ended stream are kept, and due no more.
 * S7  A stream is claimed from its owner only when that owner is proven dead, its lease has run out,
 *     or it gave the stream up.
 * S8  `log` gives the records of all streams in one order, which is each stream's own within it. A record never
 *     comes to stand before a place that `log` has given as `next`: who goes on from there misses none.
 */
import type { EncodedRecord } from '../../model/index.ts';

export type StreamStatus = 'open' | 'ended';

/** A message to a stream, due now or later: a timer is a letter to oneself. */
export interface Letter {
  id: string;
  /** Wall time in ms when it is due; 0 = at once. */
  dueMs: number;
  /** JSON text. */
  body: string;
}

export interface Sent extends Letter {
  to: string;
}

export interface NewStream {
  /** What a worker must have to carry it on: `workflow@version`, or '' for none. */
  needs: string;
  /** Journal format; a worker claims no higher one. */
  format: number;
  /** JSON text shown in listings: workflow, principal, parent, labels. Never payloads. */
  meta: string;
  /** Ms since 1970, for listing in order. */
  createdMs: number;
}

export interface Append {
  stream: string;
  epoch: number;
  /** Events in the stream before this append; 0 with `create`. */
  expectedHead: number;
  /** Makes the stream; loses with `why: 'exists'` when it is there. */
  create?: NewStream;
  /** Begins at the head (`record.seq === expectedHead`), else the whole commit throws `input.invalid`. */
  record?: EncodedRecord;
  /** Sent after `take` has taken, so one append may re-arm a timer under its id. */
  send?: Sent[];
  /** Letter ids of this stream that this append consumes (or withdraws); unknown ones are passed over. */
  take?: string[];
  /** 'ended' also gives the stream up. */
  status?: StreamStatus;
  /** Gives the stream up: it has no owner afterwards and is claimable when a letter is due. */
  release?: boolean;
  snapshot?: Snapshot;
}

export interface Snapshot {
  /** The state after this many events. */
  seq: number;
  state: string;
}

/** A stranger's epoch is told before a wrong head. A stream that is missing has head 0 and epoch 0. */
export type AppendResult =
  | { ok: true }
  | { ok: false; why: 'head' | 'epoch' | 'exists' | 'missing'; head: number; epoch: number };

export interface StreamInfo {
  stream: string;
  head: number;
  hash: string;
  epoch: number;
  owner: string | null;
  status: StreamStatus;
  needs: string;
  format: number;
  meta: string;
  createdMs: number;
}

export interface ClaimRequest {
  /** The `needs` this worker can carry on; null = all. '' is always included. */
  has: string[] | null;
  /** The highest journal format this worker reads. */
  format: number;
  limit: number;
  nowMs: number;
  /** Only this stream (a start or a take-over by hand): ownerless, it needs no due letter. */
  stream?: string;
  /**
   * After a claim that threw, which may have gone through: says which streams this worker knows it
   * holds. Others that the store counts as its own are claimed again and returned.
   */
  holds?: (stream: string) => boolean;
}

export interface Delivered extends Letter {
  stream: string;
}

export interface WorkerInfo {
  worker: string;
  alive: boolean;
  sinceMs: number;
}

/** A worker's place at the store. Ends with leave(), or with the process. */
export interface Membership {
  readonly worker: string;
  /**
   * Commits a group in its order; each append wins or loses by itself (S1, S2). The winner of a
   * create owns it. Commits of one member are worked in the order of the calls.
   */
  commit(appends: readonly Append[], barrier: boolean): Promise<AppendResult[]>;
  /**
   * Takes open streams that nobody alive owns: all of a dead owner's, and ownerless ones with a due
   * letter. Epochs rise; committed with a barrier.
   */
  claim(request: ClaimRequest): Promise<StreamInfo[]>;
  /** Due letters of the streams that this worker owns, oldest first. */
  due(nowMs: number, limit: number): Promise<Delivered[]>;
  /** When the next letter of an owned or ownerless open stream falls due, or null. */
  nextDueMs(): Promise<number | null>;
  /** Calls back when another process may have written something for us. A hint, may be late or extra. */
  watch(call: () => void): () => void;
  /** Gives up the place: its streams may be claimed at once, as a dead worker's. */
  leave(): Promise<void>;
}

export interface ReadOptions {
  /** The first event wanted; the record that holds it is included whole. */
  from?: number;
  /** At most this many records. */
  limit?: number;
}

export interface LogOptions {
  /** The first place wanted. Infinity: nothing of what is there, only where it ends. */
  from: number;
  /** At most this many records. */
  limit: number;
}

/** A part of the order in which the store took its records. Those that were compacted are no more in it. */
export interface LogPage {
  /** Names the order: a store that was restored from a backup begins another. */
  order: string;
  records: { place: number; stream: string; record: EncodedRecord }[];
  /** Where to go on: behind the last of these, or behind all there is. */
  next: number;
}

export interface ListOptions {
  status?: StreamStatus;
  /** Only streams whose id starts so. */
  prefix?: string;
  /** Continue after this stream id (order: createdMs then id, newest first). */
  after?: string;
  limit: number;
}

export interface Checkpoint {
  /** Events up to and without this one are summed up. */
  seq: number;
  /** The chain's hash after event seq - 1. */
  hash: string;
  /** Signed JSON text: see site/audit. */
  text: string;
}

export interface Store {
  readonly kind: 'memory' | 'sqlite' | 'postgres' | (string & {});
  /**
   * Registers a worker and holds what proves it alive (an OS lock, a lease). A name whose holder lives
   * is a `conflict`; a dead holder's streams stay a dead one's, to be claimed by anyone.
   */
  join(worker: string): Promise<Membership>;
  /** Sends letters from outside any run (a signal, a gate's answer). Committed with a barrier. */
  post(letters: readonly Sent[]): Promise<void>;
  read(stream: string, options?: ReadOptions): Promise<EncodedRecord[]>;
  /** What was appended to any stream, in the order of the commits (S8). */
  log(options: LogOptions): Promise<LogPage>;
  info(stream: string): Promise<StreamInfo | null>;
  list(options: ListOptions): Promise<StreamInfo[]>;
  letters(stream: string): Promise<Letter[]>;
  snapshot(stream: string): Promise<Snapshot | null>;
  workers(): Promise<WorkerInfo[]>;
  /**
   * Overwrites payloads with null (R4): those at these event seqs; returns how many it found. The
   * caller journals that it did, and replaces a snapshot that may hold them too.
   */
  erase(stream: string, seqs: readonly number[]): Promise<number>;
  /**
   * Drops whole records before checkpoint.seq and keeps the checkpoint. `conflict` when no record there
   * ends before that seq with that hash, or the stream is compacted that far already.
   */
  compact(stream: string, checkpoint: Checkpoint): Promise<void>;
  checkpoint(stream: string): Promise<Checkpoint | null>;
  /** A consistent copy, to be opened as a store of the same kind. */
  backup(target: string): Promise<void>;
  /**
   * Marks this store as restored from a backup: every open stream's epoch rises, no owner stays.
   * Returns those streams; the caller sends each a letter, so that it is claimed.
   */
  markRestored(nowMs: number): Promise<string[]>;
  close(): Promise<void>;
}
