/**
 * Retention on a timer: what is said in runs goes when its time is over, by one worker of the site at a time.
 *
 * T1  The stream `site/retention` says who works: a pass begins with an append at its head, so of two that want it
 *     one wins. Its snapshot says how far the work is; one that is older than the head belongs to a pass that is
 *     under way, and is taken over only from a worker that is dead.
 * T2  A pass ends after RUNS_A_PASS journals and says where the next one goes on. It rests between two of them, so
 *     that it takes at most MAX_SHARE of the time.
 * T3  What is over for good is not read again: runs that began before `doneMs` are done, but for those that are
 *     named as pending (open ones, and those with younger payloads).
 */
import {
  type Chance,
  checkGiven,
  checkOptions,
  type Clock,
  type Fault,
  oneOf,
  type Option,
  type Options,
  toFault,
} from '../base/index.ts';
import { chainStart, encodeRecord, JOURNAL_FORMAT, type Turn } from '../model/index.ts';
import type { Append, StreamInfo } from '../ports/store/index.ts';
import { type Erasing, retainRun } from './erase.ts';
import { isOwnStream } from './own-streams.ts';

export interface RetentionPolicy {
  /** How long what a run was given and said is kept, from the moment it was said. */
  payloadsMs: number;
  /** Only of runs that have ended (the default), or of all: an open one that needs them fails with `payload.erased`. */
  of?: 'ended' | 'all';
  /** From the beginning of one round through all runs to that of the next. Default: an hour. */
  everyMs?: number;
}

const span: Option = { fits: (value) => typeof value === 'number' && value > 0, wants: 'a number of ms above 0' };
const POLICY: Options<RetentionPolicy> = { payloadsMs: span, of: oneOf('ended', 'all'), everyMs: span };

const STREAM = 'site/retention';
const EVERY_MS = 3_600_000;
/** Whose turn it is is looked up at least this often: after a worker's death another goes on this soon. */
const LOOK_MS = 60_000;
/** Journals read in one pass, and how soon the next one goes on: others may take it. */
const RUNS_A_PASS = 500;
const NEXT_PASS_MS = 1_000;
const PAGE = 200;
/** Of the time, at most this share: at 50 ms a run some 14,000 runs an hour. */
const MAX_SHARE = 0.2;
/** Runs named as pending: more of them are looked for again in the next round. */
const MOST_PENDING = 10_000;

export interface Retention {
  start(): void;
  /** Takes a pass if there is one to take; returns how many payloads went. */
  pass(): Promise<number>;
  stop(): Promise<void>;
}

export interface RetentionOptions extends RetentionPolicy {
  /** Journals read in one pass. */
  most?: number;
  erasing: Erasing;
  clock: Clock;
  chance: Chance;
  onTrouble(run: string | undefined, fault: Fault | undefined): void;
}

/** How far it is: kept between passes. */
interface Progress {
  /** The next pass is due. */
  nextMs: number;
  /** Runs that began before are done, but for the pending ones. */
  doneMs: number;
  pending: string[];
  /** Within a round: its time, and the last run of the list that was looked at. */
  round?: { beganMs: number; beforeMs: number; after?: string; pending: string[]; leastMs: number };
}

export function createRetention(options: RetentionOptions): Retention {
  const { erasing, clock, chance, payloadsMs, of = 'ended', everyMs = EVERY_MS, most = RUNS_A_PASS } = options;
  const { store, membership } = erasing;
  const lookMs = Math.min(LOOK_MS, everyMs);
  let stopTimer: (() => void) | undefined;
  let working: Promise<number> | undefined;
  let stopped = false;

  /** T1. The head of our own pass, and what is known from the one before; undefined: it is not ours to do. */
  async function take(): Promise<{ head: number; epoch: number; before: Progress } | undefined> {
    const info = await store.info(STREAM);
    const snapshot = info === null ? null : await store.snapshot(STREAM);
    const before = (snapshot === null ? undefined : readProgress(snapshot.state)) ?? {
      nextMs: 0,
      doneMs: 0,
      pending: [],
    };
    const nowMs = clock.nowMs();
    if (info !== null && snapshot?.seq === info.head) {
      // A clock that went back must not put it off for long.
      if (nowMs < before.nextMs && before.nextMs - nowMs <= everyMs) return undefined;
    } else if (info !== null && (await isAtWork(info))) return undefined;
    const head = info?.head ?? 0;
    const epoch = info?.epoch ?? 1;
    const event = { type: 'run.claimed' as const, worker: membership.worker, epoch: 1 };
    const turn: Turn = { at: nowMs, in: 'claim', events: [event] };
    const record = encodeRecord([turn], head, epoch, info?.hash ?? chainStart(STREAM), chance);
    const create = { needs: '', format: JOURNAL_FORMAT, meta: '{"site":"retention"}', createdMs: nowMs };
    const append: Append = { stream: STREAM, epoch, expectedHead: head, record };
    const won = await commit(info === null ? { ...append, create, status: 'ended' } : append);
    return won ? { head: head + 1, epoch, before } : undefined;
  }

  async function isAtWork(info: StreamInfo): Promise<boolean> {
    const [record] = await store.read(STREAM, { from: info.head - 1, limit: 1 });
    if (record === undefined) return false;
    const { turns } = JSON.parse(record.header) as { turns: { events: { worker?: string }[] }[] };
    const worker = turns.at(-1)?.events.at(-1)?.worker;
    return worker !== membership.worker && (await store.workers()).some((one) => one.worker === worker && one.alive);
  }

  async function commit(append: Append): Promise<boolean> {
    const [result] = await membership.commit([append], true);
    return result?.ok === true;
  }

  async function work(): Promise<number> {
    const taken = await take();
    if (taken === undefined) return 0;
    const { head, epoch, before } = taken;
    const nowMs = clock.nowMs();
    const round = before.round ?? {
      beganMs: nowMs,
      beforeMs: nowMs - payloadsMs,
      pending: [],
      leastMs: Infinity,
    };
    let erased = 0;
    let read = 0;

    /** Who cannot be done now is pending; beyond the most of them the next round looks for them again. */
    function putOff({ stream, createdMs }: StreamInfo): void {
      if (round.pending.length < MOST_PENDING) round.pending.push(stream);
      else round.leastMs = Math.min(round.leastMs, createdMs);
    }

    async function one(info: StreamInfo): Promise<void> {
      if (info.status === 'open') putOff(info);
      if (info.status === 'open' && of === 'ended') return;
      read++;
      const began = clock.monotonicMs();
      try {
        const { payloads, left } = await retainRun(erasing, info, round.beforeMs);
        erased += payloads;
        if (left && info.status === 'ended') putOff(info);
      } catch (thrown) {
        options.onTrouble(info.stream, toFault(thrown, 'store.io'));
        if (info.status === 'ended') putOff(info);
      }
      const restMs = (clock.monotonicMs() - began) * (1 / MAX_SHARE - 1);
      await new Promise<void>((resolve) => clock.after(restMs, resolve));
    }

    const isFull = (): boolean => stopped || read >= most;
    const pending = before.pending.slice();
    while (pending.length > 0 && !isFull()) {
      const info = await store.info(pending.shift()!);
      if (info !== null) await one(info);
    }
    let isOver = false;
    while (!isOver && !isFull()) {
      const page = await store.list({ limit: PAGE, after: round.after });
      isOver = page.length < PAGE;
      for (const info of page) {
        if (isFull()) break;
        round.after = info.stream;
        if (isOwnStream(info.stream) || info.createdMs >= round.beforeMs) continue;
        if (info.createdMs < before.doneMs) {
          isOver = true;
          break;
        }
        await one(info);
      }
      if (isFull() && round.after !== page.at(-1)?.stream) isOver = false;
    }
    const doneMs = Math.max(before.doneMs, Math.min(round.beforeMs, round.leastMs));
    const progress: Progress =
      isOver && pending.length === 0
        ? { nextMs: round.beganMs + everyMs, doneMs, pending: round.pending }
        : { nextMs: clock.nowMs() + NEXT_PASS_MS, doneMs: before.doneMs, pending, round: toKeep(round) };
    const snapshot = { seq: head, state: JSON.stringify(progress) };
    // Who took this worker for dead begins where it began: a payload goes once.
    await commit({ stream: STREAM, epoch, expectedHead: head, snapshot });
    if (!stopped && progress.round !== undefined) plan(NEXT_PASS_MS);
    return erased;
  }

  function pass(): Promise<number> {
    working ??= work().finally(() => (working = undefined));
    return working;
  }

  async function look(): Promise<void> {
    plan(lookMs);
    try {
      await pass();
    } catch (thrown) {
      if (!stopped) options.onTrouble(undefined, toFault(thrown, 'store.io'));
    }
  }

  function plan(waitMs: number): void {
    if (stopped) return;
    stopTimer?.();
    stopTimer = clock.after(waitMs, () => void look());
  }

  return {
    // Workers that start together do not look together.
    start: () => plan(lookMs * chance.next()),
    pass,
    async stop() {
      stopped = true;
      stopTimer?.();
      await working?.catch(() => {});
    },
  };
}

/** JSON knows no Infinity. */
function toKeep(round: NonNullable<Progress['round']>): NonNullable<Progress['round']> {
  return { ...round, leastMs: Math.min(round.leastMs, Number.MAX_SAFE_INTEGER) };
}

/** Undefined: it is none; the next pass begins anew. */
function readProgress(text: string): Progress | undefined {
  try {
    const progress = JSON.parse(text) as Progress;
    return typeof progress.nextMs === 'number' && Array.isArray(progress.pending) ? progress : undefined;
  } catch {
    return undefined;
  }
}

/** Throws where a policy makes no sense. */
export function checkRetention(policy: RetentionPolicy): void {
  checkOptions(policy, POLICY, 'openSite: retention');
  checkGiven(policy.payloadsMs, span, '`payloadsMs` of openSite: retention');
}
