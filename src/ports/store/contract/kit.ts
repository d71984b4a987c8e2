/** What contract rows are written with: a lab that makes stores, and journals that make appends. */
import assert from 'node:assert/strict';
import { createSeededChance } from '../../../base/index.ts';
import { chainStart, encodeRecord, type EncodedRecord, type Event, type Turn } from '../../../model/index.ts';
import type { Append, AppendResult, ClaimRequest, Membership, NewStream, Sent, Store } from '../port.ts';

export type Need = 'again' | 'kill' | 'expire' | 'backup';

/** An adapter's side of the contract. What it leaves out is skipped by name, never in silence. */
export interface StoreLab {
  /** A fresh, empty store. Every row opens its own. */
  open(): Promise<Store>;
  /** Another handle on the store that was opened last, as another process would have it. */
  again?(): Promise<Store>;
  /** Ends the worker as kill -9 would: nothing is given up, its proof of life is gone. */
  kill?(store: Store, worker: string): Promise<void>;
  /** The worker lives but is paused for too long: its lease has run out. */
  expire?(store: Store, worker: string): Promise<void>;
  /** Makes a backup of the store (through `store.backup`) and opens it as a store of its own. */
  restore?(store: Store): Promise<Store>;
  /** Closes and removes everything that was opened. Called after every row. */
  close(): Promise<void>;
}

export interface ContractRow {
  name: string;
  needs?: Need[];
  run(lab: StoreLab): Promise<void>;
}

/** Wall time in all rows: what is due is due against this. */
export const NOW = 1_900_000_000_000;

const chance = createSeededChance('store contract');

export interface Journal {
  readonly stream: string;
  head: number;
  hash: string;
  epoch: number;
  /** An append of one record of `count` events, each with a payload, and moves on as if it had won. */
  next(more?: Partial<Append> & { count?: number }): Append;
  /** The first append: it makes the stream. */
  create(more?: Partial<Append> & { new?: Partial<NewStream>; count?: number }): Append;
  /** An append without a record. */
  bare(more?: Partial<Append>): Append;
}

export function journal(stream: string, at: { head?: number; hash?: string; epoch?: number } = {}): Journal {
  const self: Journal = {
    stream,
    head: at.head ?? 0,
    hash: at.hash ?? chainStart(stream),
    epoch: at.epoch ?? 1,
    next({ count = 1, ...more } = {}) {
      const record = recordOf(self, count);
      const append: Append = { stream, epoch: self.epoch, expectedHead: self.head, record, ...more };
      self.head += count;
      self.hash = record.hash;
      return append;
    },
    create({ new: fresh, ...more } = {}) {
      return self.next({ create: newStream(fresh), ...more });
    },
    bare: (more) => ({ stream, epoch: self.epoch, expectedHead: self.head, ...more }),
  };
  return self;
}

function recordOf({ stream, head, hash, epoch }: Journal, count: number): EncodedRecord {
  const events: Event[] = [];
  for (let i = 0; i < count; i++)
    events.push({
      type: 'signal.received',
      signal: `e${head + i}`,
      id: `${stream}/${head + i}`,
      by: { id: 'lab', rights: [] },
      data: { text: `secret ${stream} ${head + i}`, ü: '☃ 𝄞 "\\' },
    });
  const turn: Turn = { at: NOW, in: 'signal', events };
  return encodeRecord([turn], head, epoch, hash, chance);
}

export function newStream(more: Partial<NewStream> = {}): NewStream {
  return { needs: '', format: 1, meta: '{}', createdMs: NOW, ...more };
}

export function letter(to: string, id: string, dueMs = 0, body = `{"of":"${id}"}`): Sent {
  return { to, id, dueMs, body };
}

export function claimOf(more: Partial<ClaimRequest> = {}): ClaimRequest {
  return { has: null, format: 1, limit: 100, nowMs: NOW, ...more };
}

export const WON: AppendResult = { ok: true };

export async function commit(member: Membership, ...appends: Append[]): Promise<AppendResult[]> {
  return await member.commit(appends, true);
}

/** Commits appends that must all win. */
export async function won(member: Membership, ...appends: Append[]): Promise<void> {
  assert.deepEqual(
    await member.commit(appends, true),
    appends.map(() => WON),
  );
}

export async function claimed(member: Membership, more: Partial<ClaimRequest> = {}): Promise<string[]> {
  return (await member.claim(claimOf(more))).map((info) => info.stream).sort();
}

export async function dueIds(member: Membership, nowMs = NOW, limit = 100): Promise<string[]> {
  return (await member.due(nowMs, limit)).map((l) => l.id);
}

/** A member that owns one open stream of one record. */
export async function begun(
  store: Store,
  worker = 'w1',
  stream = 'run-1',
): Promise<{ member: Membership; run: Journal }> {
  const member = await store.join(worker);
  const run = journal(stream);
  await won(member, run.create());
  return { member, run };
}

export async function faultCode(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
  return 'nothing was thrown';
}

/** Waits until `holds` says yes; for hints that may be late. */
export async function soon(holds: () => boolean | Promise<boolean>, withinMs = 3000): Promise<boolean> {
  const until = performance.now() + withinMs;
  for (;;) {
    if (await holds()) return true;
    if (performance.now() > until) return false;
    await new Promise((wake) => setTimeout(wake, 5));
  }
}
