/**
 * The committer: group commit over all hosts of a worker.
 *
 * K1  One commit is in flight at a time; a host's turns of meanwhile go with the next.
 * K2  What needs a barrier goes at the end of the pass, and takes along no run that needs none: anything else
 *     waits at most 5 ms or 256 events of its run, so that a run's steps are few records. A few that need one wait two passes for more,
 *     while many others are at work.
 * K3  A commit that throws has acknowledged nothing: the same appends are tried again until the store
 *     answers, and an append that had gone through after all is known by the head it made.
 */
import { type Chance, type Clock, Fault, toFault } from '../base/index.ts';
import { type Command, encodeRecord, stateToText } from '../model/index.ts';
import type { Append, AppendResult, Membership } from '../ports/store/index.ts';
import { dropHost, type Flight, type Host, isParked } from './host.ts';

export const MAX_WAIT_MS = 5;
/** Of one run. */
export const MAX_WAITING_EVENTS = 256;
/**
 * While most runs are at work and few wait for the disk, those few wait this many passes for company: a sync
 * costs as much as dozens of steps.
 */
const HOLD_PASSES = 2;
/** Few: others are at work, this many for each of them. */
const COMPANY = 2;
/** Turns of all runs together: bounds memory, and what one commit holds. */
const MAX_WAITING_TURNS = 4_096;
/**
 * While nothing but its start waits for the disk, a run that was just made takes its first steps along: for so
 * many turns of the loop, or until two of them brought nothing new.
 */
const FRESH_LOOKS = 64;
const FRESH_IDLE_LOOKS = 2;
/** A resume folds at most about this many events beyond a snapshot. */
export const SNAPSHOT_EVENTS = 20_000;
/** States of more steps are as long to read as their journal. */
const SNAPSHOT_STEPS = 2_000;
const FIRST_RETRY_MS = 20;
const MAX_RETRY_MS = 1_000;

export interface Committer {
  /** The host has something to write; urgent = with a barrier, at the end of this pass. */
  add(host: Host, urgent: boolean): void;
  /** End of a pass: writes what is due. `others`: runs that have more to do at once. */
  flush(others?: number): void;
  /** Writes these at once, and all that waits, if nothing is on its way; false when something is. */
  flushNow(hosts: readonly Host[]): boolean;
  /** Everything written so far is on disk when this resolves. */
  settled(): Promise<void>;
  /** Tries nothing again that failed. */
  stop(): void;
  readonly trouble: Fault | undefined;
}

export interface CommitterOptions {
  membership: Membership;
  clock: Clock;
  chance: Chance;
  snapshotEvents: number;
  /** The host's batch is on disk (or lost, when gone). */
  onCommitted(host: Host, flight: Flight): void;
  /** The batch cannot be written, now or later. */
  onFailed(host: Host, fault: Fault): void;
  /** Hash of the run's first record. */
  firstHash(run: string): Promise<string | undefined>;
  /** run: whose batch cannot be made; without one it is the store's trouble. */
  onTrouble(fault: Fault | undefined, run?: string): void;
}

export function createCommitter(options: CommitterOptions): Committer {
  const { membership, clock, chance } = options;
  /** Hosts with something to write, whatever its haste. */
  let dirty = new Set<Host>();
  /** Those of them that need a barrier at the end of this pass, and those that were just made. */
  const urgent = new Set<Host>();
  const fresh = new Map<Host, { turns: number; looks: number; idle: number }>();
  let turns = 0;
  /** Enough waits: all of it goes now. */
  let brimming = false;
  let timer: (() => void) | undefined;
  let looking = false;
  let held = 0;
  let busy = false;
  let trouble: Fault | undefined;
  let stopped = false;
  let stopWaiting: (() => void) | undefined;
  let idle: (() => void)[] = [];

  function flush(force = false, others = 0): void {
    if (busy || dirty.size === 0) return;
    const all = force || brimming || turns >= MAX_WAITING_TURNS;
    if (!all && fresh.size > 0) lookAtFresh();
    if (!all && urgent.size === 0) return plan();
    if (!all && others > COMPANY * urgent.size && held < HOLD_PASSES) {
      held++;
      return plan();
    }
    held = 0;
    const barrier = urgent.size > 0 || (all && fresh.size > 0);
    const flights: Flight[] = [];
    const owners: Host[] = [];
    const unwritten: [Host, Fault][] = [];
    for (const host of all ? dirty : urgent) {
      if (host.gone) continue;
      turns -= host.turns.length;
      try {
        flights.push((host.flight = seal(host, chance, options.snapshotEvents)));
        owners.push(host);
      } catch (thrown) {
        // What is too large for any text is this run's trouble: the others, and the process, go on.
        unwritten.push([host, toFault(thrown, 'internal')]);
      }
    }
    forgetWritten(all);
    plan();
    for (const [host, fault] of unwritten) {
      options.onTrouble(fault, host.run);
      options.onFailed(host, fault);
    }
    if (flights.length === 0) return;
    busy = true;
    void write(owners, flights, barrier, 0);
  }

  function forgetWritten(all: boolean): void {
    if (all) {
      dirty = new Set();
      fresh.clear();
      turns = 0;
      brimming = false;
      timer?.();
      timer = undefined;
    } else {
      for (const host of urgent) {
        dirty.delete(host);
        fresh.delete(host);
      }
    }
    urgent.clear();
    if (dirty.size === 0) turns = 0;
  }

  /** What is not written now has its time. */
  function plan(): void {
    if (dirty.size === 0) return;
    timer ??= clock.after(MAX_WAIT_MS, () => {
      timer = undefined;
      flush(true);
    });
    if (fresh.size === 0 || looking) return;
    looking = true;
    clock.soon(() => {
      looking = false;
      flush();
    });
  }

  function lookAtFresh(): void {
    for (const [host, seen] of fresh) {
      seen.idle = host.turns.length > seen.turns ? 0 : seen.idle + 1;
      seen.turns = host.turns.length;
      if (host.gone || ++seen.looks > FRESH_LOOKS || seen.idle >= FRESH_IDLE_LOOKS) urgent.add(host);
    }
  }

  async function write(owners: Host[], flights: Flight[], barrier: boolean, failures: number): Promise<void> {
    let results: AppendResult[];
    try {
      results = await membership.commit(
        flights.map((f) => f.append),
        barrier,
      );
      if (failures > 0) await recognise(flights, results);
    } catch (thrown) {
      const fault = toFault(thrown, 'store.io');
      setTrouble(fault);
      if (fault.retry !== 'same' || stopped) {
        for (const host of owners) options.onFailed(host, fault);
        finish();
        return;
      }
      const waitMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 10));
      stopWaiting = clock.after(waitMs, () => void write(owners, flights, barrier, failures + 1));
      return;
    }
    setTrouble(undefined);
    for (let i = 0; i < owners.length; i++) {
      const host = owners[i]!;
      const flight = flights[i]!;
      host.flight = undefined;
      if (!won(results[i]!, flight)) dropHost(host, () => lost(host, results[i]!));
      else host.committed = flight.batch;
      options.onCommitted(host, flight);
    }
    finish();
  }

  /** Of appends that lose when tried again: which had gone through before. */
  async function recognise(flights: readonly Flight[], results: readonly AppendResult[]): Promise<void> {
    for (let i = 0; i < flights.length; i++) {
      const flight = flights[i]!;
      const result = results[i]!;
      if (result.ok) continue;
      const { append } = flight;
      if (result.why === 'exists') flight.made = (await options.firstHash(append.stream)) === append.record?.hash;
      else flight.made = result.why === 'head' && result.epoch === append.epoch && result.head === headAfter(append);
    }
  }

  function finish(): void {
    busy = false;
    if (dirty.size > 0) {
      if (urgent.size > 0) clock.soon(() => flush());
      else flush();
    } else if (idle.length > 0) {
      const waiting = idle;
      idle = [];
      for (const call of waiting) call();
    }
  }

  function setTrouble(fault: Fault | undefined): void {
    if (fault?.code === trouble?.code) return;
    trouble = fault;
    options.onTrouble(fault);
  }

  return {
    add(host, isUrgent) {
      dirty.add(host);
      turns++;
      if (host.events >= MAX_WAITING_EVENTS) brimming = true;
      if (!isUrgent) return;
      if (!mayLinger(host)) urgent.add(host);
      else if (!fresh.has(host)) fresh.set(host, { turns: 0, looks: 0, idle: 0 });
    },
    flush: (others) => flush(false, others),
    flushNow(hosts) {
      if (busy) return false;
      for (const host of hosts) dirty.add(host);
      flush(true);
      return true;
    },
    settled() {
      if (!busy && dirty.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        idle.push(resolve);
        for (const host of dirty) urgent.add(host);
        flush();
      });
    },
    stop() {
      stopped = true;
      stopWaiting?.();
    },
    get trouble() {
      return trouble;
    },
  };
}

/** It is being made, and only its start waits for the disk: no command, no letter, no result, no end. */
function mayLinger(host: Host): boolean {
  return (
    host.create !== undefined &&
    host.state.phase === 'running' &&
    host.after.length === 0 &&
    host.send.length === 0 &&
    host.releases.every((release) => release.needs === 0)
  );
}

/** Most batches have none: they share this one. */
const NO_COMMANDS: readonly Command[] = Object.freeze([]);

/** Turns into one record; the host starts its next batch. */
function seal(host: Host, chance: Chance, snapshotEvents: number): Flight {
  const append: Append = { stream: host.run, epoch: host.epoch, expectedHead: host.encoded };
  // Something may have come since it was found parked. A run without its workflow has nothing to stay for.
  const parts = host.parting && (isParked(host) || host.flow === undefined);
  host.parting = false;
  if (host.turns.length > 0) {
    append.record = encodeRecord(host.turns, host.encoded, host.epoch, host.hash, chance);
    host.hash = append.record.hash;
    host.encoded += append.record.count;
  }
  if (host.send.length > 0) append.send = host.send;
  if (host.take.length > 0) append.take = host.take;
  if (host.create !== undefined) {
    append.create = host.create;
    host.create = undefined;
  }
  if (host.state.phase === 'ended') {
    append.status = 'ended';
    append.release = true;
  } else if (parts) {
    append.release = true;
  } else if (host.snapshot === 'none' && isSnapshotDue(host, snapshotEvents)) {
    // What the code was given is forgotten: the live state is whole only where nothing settled is in it.
    if (hasSettled(host) || host.erasures > 0) host.snapshot = 'wanted';
    else append.snapshot = { seq: host.encoded, state: stateToText(host.state) };
  }
  if (typeof host.snapshot === 'object') {
    append.snapshot = host.snapshot;
    host.snapshot = 'none';
  }
  if (append.snapshot !== undefined) host.snapshotAt = append.snapshot.seq;
  const after = host.after.length === 0 ? NO_COMMANDS : host.after;
  const flight: Flight = { append, after, batch: host.batch, turns: host.turns.length };
  host.turns = [];
  host.events = 0;
  if (host.send.length > 0) host.send = [];
  if (host.take.length > 0) host.take = [];
  if (host.after.length > 0) host.after = [];
  host.batch++;
  return flight;
}

function isSnapshotDue(host: Host, snapshotEvents: number): boolean {
  return host.encoded - host.snapshotAt >= snapshotEvents && host.state.steps.size <= SNAPSHOT_STEPS;
}

function hasSettled(host: Host): boolean {
  for (const step of host.state.steps.values()) if (step.settledSeq !== 0) return true;
  return false;
}

/** A run that was made, and was taken over before we knew, is not ours. */
function won(result: AppendResult, { append, made }: Flight): boolean {
  return result.ok || (made === true && result.epoch === append.epoch && result.head === headAfter(append));
}

function headAfter(append: Append): number {
  return append.expectedHead + (append.record?.count ?? 0);
}

function lost(host: Host, result: AppendResult): Fault {
  const why = result.ok ? '' : result.why;
  if (why === 'exists') return new Fault('conflict', `there is a run ${host.run} already`);
  return new Fault('store.fenced', `run ${host.run} is another worker's now (${why})`, { detail: { ...result } });
}
