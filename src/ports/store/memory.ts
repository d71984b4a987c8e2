/**
 * A store in memory: one object that several memberships join. For tests and the simulator: no clock,
 * no timers, no chance; promises that are resolved already; everything iterates in a fixed order.
 */
import { Fault } from '../../base/index.ts';
import { withoutPayloads } from './erase.ts';
import { createMemoryMembership } from './memory-member.ts';
import { firstRecord, readLog } from './memory-read.ts';
import { createPower } from './memory-power.ts';
import {
  createMemoryState,
  createPlace,
  infoOf,
  type MemoryState,
  type Place,
  type Stream,
  wake,
} from './memory-state.ts';
import type { Store, StreamInfo } from './port.ts';

export interface MemoryStore extends Store {
  /** The worker's process dies: nothing is given up, but all it holds may be claimed. */
  kill(worker: string): void;
  /** The worker is paused too long: its streams may be claimed until it acts again. */
  expire(worker: string): void;
  /** The host loses power: every worker is dead, and what followed the last barrier is gone (S4). */
  losePower(): void;
  /** What backup(target) made, as a store of its own. */
  openBackup(target: string): MemoryStore;
}

export interface MemoryStoreOptions {
  /** Only for `sinceMs` of workers; without it that is 0. */
  nowMs?: () => number;
}

export function createMemoryStore(
  options: MemoryStoreOptions = {},
  state: MemoryState = createMemoryState(),
): MemoryStore {
  const backups = new Map<string, MemoryState>();
  const power = createPower(state);

  function find(worker: string): Place | undefined {
    for (const place of state.places) if (place.worker === worker && place.state !== 'dead') return place;
    return undefined;
  }

  function known(stream: string): Stream {
    const found = state.streams.get(stream);
    if (found === undefined) throw new Fault('not-found', `there is no stream ${stream}`);
    return found;
  }

  return {
    kind: 'memory',
    async join(worker) {
      if (find(worker) !== undefined) throw new Fault('conflict', `a worker named ${worker} is at work already`);
      const place = createPlace(worker, options.nowMs?.() ?? 0);
      state.places.add(place);
      return createMemoryMembership(state, place, power);
    },
    async post(letters) {
      power.settle();
      for (const letter of letters) state.send(letter);
      wake(state, null);
    },
    async read(stream, { from = 0, limit = Infinity } = {}) {
      const records = state.streams.get(stream)?.records ?? [];
      const first = firstRecord(records, from);
      return records.slice(first, first + limit);
    },
    async log({ from, limit }) {
      return readLog(state, from, limit);
    },
    async info(stream) {
      const found = state.streams.get(stream);
      return found === undefined ? null : infoOf(found);
    },
    async list({ status, prefix = '', after, limit }) {
      const sorted = [...state.streams.values()].sort(newestFirst);
      const start = after === undefined ? 0 : sorted.findIndex((s) => s.stream === after) + 1;
      if (after !== undefined && start === 0) return [];
      const found: StreamInfo[] = [];
      for (let i = start; i < sorted.length && found.length < limit; i++) {
        const stream = sorted[i]!;
        if (stream.stream.startsWith(prefix) && (status === undefined || stream.status === status))
          found.push(infoOf(stream));
      }
      return found;
    },
    async letters(stream) {
      const letters = [...state.lettersOf(stream)];
      letters.sort((a, b) => a.dueMs - b.dueMs || a.order - b.order);
      return letters.map(({ id, dueMs, body }) => ({ id, dueMs, body }));
    },
    snapshot: async (stream) => state.streams.get(stream)?.snapshot ?? null,
    async workers() {
      return [...state.places].map(({ worker, state: is, sinceMs }) => ({ worker, alive: is === 'alive', sinceMs }));
    },
    async erase(stream, seqs) {
      const { records } = known(stream);
      power.settle();
      const wanted = new Set(seqs);
      let erased = 0;
      records.forEach((record, i) => {
        const less = withoutPayloads(record, wanted);
        if (less === null) return;
        records[i] = { ...record, payloads: less.payloads };
        erased += less.erased;
      });
      return erased;
    },
    async compact(stream, checkpoint) {
      const found = known(stream);
      if (checkpoint.seq <= (found.checkpoint?.seq ?? 0))
        throw new Fault('conflict', `${stream} is compacted up to event ${found.checkpoint?.seq ?? 0} already`);
      const keepFrom = firstRecord(found.records, checkpoint.seq);
      const last = found.records[keepFrom - 1];
      if (last === undefined || last.seq + last.count !== checkpoint.seq || last.hash !== checkpoint.hash) {
        throw new Fault(
          'conflict',
          `no record of ${stream} ends before event ${checkpoint.seq} with the hash of the checkpoint`,
        );
      }
      power.settle();
      found.records.splice(0, keepFrom);
      found.checkpoint = checkpoint;
    },
    checkpoint: async (stream) => state.streams.get(stream)?.checkpoint ?? null,
    async backup(target) {
      backups.set(target, state.clone());
    },
    openBackup(target) {
      const copy = backups.get(target);
      if (copy === undefined) throw new Fault('not-found', `no backup was made to ${target}`);
      return createMemoryStore(options, copy.clone());
    },
    async markRestored() {
      power.settle();
      const marked: string[] = [];
      state.restored++;
      for (const stream of state.streams.values()) {
        if (stream.status !== 'open') continue;
        stream.epoch++;
        state.give(stream, null);
        marked.push(stream.stream);
      }
      return marked;
    },
    kill(worker) {
      const place = find(worker);
      if (place !== undefined) place.state = 'dead';
    },
    expire(worker) {
      const place = find(worker);
      if (place !== undefined) place.state = 'lapsed';
    },
    losePower() {
      power.cut();
      for (const place of state.places) place.state = 'dead';
    },
    async close() {},
  };
}

function newestFirst(a: Stream, b: Stream): number {
  return b.createdMs - a.createdMs || (a.stream < b.stream ? 1 : -1);
}
