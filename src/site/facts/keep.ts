/**
 * Keeping facts in the store. Each worker has a site stream of its own (`site/facts/<n>`), whose snapshot is what
 * that worker has observed; the others' are read and added up. The streams are as many as there ever were workers
 * at once: one that starts takes over the stream of one that is gone.
 *
 * K1  A stream is taken by appending to it at its head: two that want it, one wins. Who finds its head moved has
 *     lost it, and begins another.
 * K2  It is an ended stream from the start, so no worker claims it, no letter is due in it, and it is in no list of
 *     what is under way.
 * K3  It is a cache of what journals say of every try: losing the last seconds loses no truth. Where nothing is kept
 *     that can be read, who takes the first stream makes the figures again from the journals (rebuild.ts), beside its
 *     work; what it observes itself meanwhile is added to that.
 */
import { type Chance, type Clock, type Fault, toFault } from '../../base/index.ts';
import { chainStart, encodeRecord, JOURNAL_FORMAT, type Turn } from '../../model/index.ts';
import type { Append, Membership, Store, StreamInfo } from '../../ports/store/index.ts';
import { isOwnStream } from '../own-streams.ts';
import type { Facts, FactsState } from './facts.ts';
import { rebuildFacts } from './rebuild.ts';

export const FACTS_PREFIX = 'site/facts/';
/** Facts are written at most this often, and only when there is something new. */
export const KEEP_MS = 5_000;
/** And so that writing takes at most this share of the time. */
const MAX_SHARE = 0.02;
/** Streams of facts: as many workers at once may share a store. */
const MAX_STREAMS = 256;
/** And reading journals again takes at most this share. */
const REBUILD_SHARE = 0.2;
/** Tries to get a stream when others take them at the same moment. */
const MAX_TRIES = 16;

export interface KeepOptions {
  facts: Facts;
  store: Store;
  membership: Membership;
  clock: Clock;
  chance: Chance;
  onTrouble(run: string | undefined, fault: Fault | undefined): void;
  /** Done each time beside reading what others wrote: what else there is to hear of them. */
  beside?(): Promise<void>;
}

export interface FactsKeeping {
  /** Reads what is kept. Facts observed meanwhile are added to. */
  start(): Promise<void>;
  /** Writes now what is new; reads what others wrote. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

interface Slot {
  stream: string;
  head: number;
}

export function keepFacts(options: KeepOptions): FactsKeeping {
  const { facts, store, membership, clock, chance, onTrouble } = options;
  let slot: Slot | undefined;
  let stopTimer: (() => void) | undefined;
  let working: Promise<void> | undefined;
  let stopped = false;
  /** There is more to write than was observed. */
  let rebuilt = false;
  let rebuilding: Promise<void> | undefined;
  /** When it was found that there are runs, and nothing is kept of them. */
  let emptyAtMs: number | undefined;
  const stopping = new AbortController();

  async function streams(): Promise<StreamInfo[]> {
    return store.list({ prefix: FACTS_PREFIX, limit: MAX_STREAMS });
  }

  async function read(stream: string): Promise<FactsState | undefined> {
    const snapshot = await store.snapshot(stream);
    return snapshot === null ? undefined : readState(snapshot.state);
  }

  /** Gives how many others' there are. */
  async function readAll(): Promise<number> {
    const states: FactsState[] = [];
    for (const { stream } of await streams()) {
      if (stream === slot?.stream) continue;
      const state = await read(stream);
      if (state !== undefined) states.push(state);
    }
    facts.others(states);
    return states.length;
  }

  async function hasRuns(): Promise<boolean> {
    const some = await store.list({ limit: 2 * MAX_STREAMS });
    return some.some(({ stream }) => !isOwnStream(stream));
  }

  /** K3. Several workers that start at once all find nothing: the first stream goes to one of them. */
  async function isToRebuild(): Promise<boolean> {
    slot ??= await takeSlot();
    return slot?.stream === `${FACTS_PREFIX}0`;
  }

  async function rebuild(untilMs: number): Promise<void> {
    let began = clock.monotonicMs();
    const state = await rebuildFacts(store, {
      untilMs,
      signal: stopping.signal,
      onTrouble,
      async rest() {
        const tookMs = clock.monotonicMs() - began;
        await new Promise<void>((resolve) => clock.after(tookMs * (1 / REBUILD_SHARE - 1), resolve));
        began = clock.monotonicMs();
      },
    });
    if (stopped || slot === undefined) return;
    facts.resume(state);
    rebuilt = true;
  }

  /** K1. Undefined: every one that is free was taken by somebody else. */
  async function takeSlot(): Promise<Slot | undefined> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const there = await streams();
      const alive = new Set((await store.workers()).filter((w) => w.alive).map((w) => w.worker));
      for (const info of there) {
        const holder = await holderOf(info);
        if (holder !== undefined && holder !== membership.worker && alive.has(holder)) continue;
        const taken = await take(info);
        if (taken === undefined) continue;
        const state = await read(taken.stream);
        if (state !== undefined) facts.resume(state);
        return taken;
      }
      if (there.length >= MAX_STREAMS) return undefined;
      const stream = `${FACTS_PREFIX}${there.length}`;
      const made = await commit({
        stream,
        epoch: 1,
        expectedHead: 0,
        create: { needs: '', format: JOURNAL_FORMAT, meta: '{"site":"facts"}', createdMs: 0 },
        record: encodeRecord([takenTurn()], 0, 1, chainStart(stream), chance),
        status: 'ended',
      });
      if (made) return { stream, head: 1 };
    }
    return undefined;
  }

  async function take(info: StreamInfo): Promise<Slot | undefined> {
    const record = encodeRecord([takenTurn()], info.head, info.epoch, info.hash, chance);
    const won = await commit({ stream: info.stream, epoch: info.epoch, expectedHead: info.head, record });
    return won ? { stream: info.stream, head: info.head + 1 } : undefined;
  }

  async function holderOf(info: StreamInfo): Promise<string | undefined> {
    const [record] = await store.read(info.stream, { from: info.head - 1, limit: 1 });
    if (record === undefined) return undefined;
    const { turns } = JSON.parse(record.header) as { turns: { events: { worker?: string }[] }[] };
    return turns.at(-1)?.events.at(-1)?.worker;
  }

  function takenTurn(): Turn {
    return { at: clock.nowMs(), in: 'claim', events: [{ type: 'run.claimed', worker: membership.worker, epoch: 1 }] };
  }

  async function commit(append: Append): Promise<boolean> {
    const [result] = await membership.commit([append], false);
    return result?.ok === true;
  }

  async function write(): Promise<void> {
    if (!facts.unsaved && !rebuilt) return;
    slot ??= await takeSlot();
    if (slot === undefined) return;
    const state = JSON.stringify(facts.save());
    const info = await store.info(slot.stream);
    const epoch = info?.epoch ?? 1;
    const { stream, head } = slot;
    rebuilt = false;
    if (await commit({ stream, epoch, expectedHead: head, snapshot: { seq: head, state } })) return;
    // Another took this worker for dead, and keeps all but the last seconds: counted here too it would count twice.
    slot = undefined;
    facts.clear();
  }

  async function work(): Promise<void> {
    const began = clock.monotonicMs();
    try {
      const untilMs = emptyAtMs;
      emptyAtMs = undefined;
      if (untilMs !== undefined && (await isToRebuild()))
        rebuilding = rebuild(untilMs).catch(troubled).finally(rebuildOver);
      // Half of the figures would pass for all: who comes after a crash begins anew.
      if (rebuilding === undefined) await write();
      await readAll();
      await options.beside?.();
    } catch (thrown) {
      troubled(thrown);
    }
    plan(Math.max(KEEP_MS, (clock.monotonicMs() - began) / MAX_SHARE));
  }

  function rebuildOver(): void {
    if (!stopping.signal.aborted) rebuilding = undefined;
  }

  function troubled(thrown: unknown): void {
    if (!stopped && !stopping.signal.aborted) onTrouble(undefined, toFault(thrown, 'store.io'));
  }

  function plan(waitMs: number): void {
    if (stopped) return;
    stopTimer?.();
    stopTimer = clock.after(waitMs, () => void flush());
  }

  function flush(): Promise<void> {
    working ??= work().finally(() => (working = undefined));
    return working;
  }

  return {
    async start() {
      const nowMs = clock.nowMs();
      try {
        if ((await readAll()) === 0 && (await hasRuns())) emptyAtMs = nowMs;
      } catch (thrown) {
        troubled(thrown);
      }
      plan(KEEP_MS);
    },
    flush,
    async stop() {
      stopTimer?.();
      await working;
      // Too short a life to begin with it.
      emptyAtMs = undefined;
      stopping.abort();
      await rebuilding;
      stopped = true;
      await flush();
    },
  };
}

/** Undefined: it is no state of facts. The next writing replaces it. */
function readState(text: string): FactsState | undefined {
  try {
    const state = JSON.parse(text) as FactsState;
    const isState = typeof state.position === 'number' && isObject(state.figures) && isObject(state.kept);
    return isState ? state : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
