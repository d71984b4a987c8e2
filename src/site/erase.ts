/**
 * Erasing payloads: the journal says first that they are gone, and by whose word; then they go, from the
 * records and from the snapshot. The chain stays whole.
 */
import { type Chance, type Clock, Fault } from '../base/index.ts';
import { decide } from '../flow/index.ts';
import {
  encodeRecord,
  type EventType,
  hasRight,
  isKeptWhileOpen,
  parsePayloads,
  type Principal,
  promisedPayloads,
  stateToText,
} from '../model/index.ts';
import type { Membership, Store, StreamInfo } from '../ports/store/index.ts';
import { type Erased, type Retained, retainPayloads, retainStream, type RetentionRule } from './audit/index.ts';
import { loadRun } from './load.ts';

export interface EraseWord {
  by: Principal;
  reason: string;
}

export interface Erasing {
  store: Store;
  membership: Membership;
  clock: Clock;
  chance: Chance;
  /** Asks the worker that holds the run. */
  ask(run: string, seqs: number[], word: EraseWord): Promise<void>;
}

/** Events named in one `payload.erased`. */
const MOST_SEQS = 1_000;
const PAGE = 500;
const LOOK_MS = 20;
const PATIENCE_MS = 30_000;
/** Who appends besides us is soon done. */
const TRIES = 5;

/** Returns how many payloads were there and are gone now. `payloads` = all of a run that has ended. */
export async function erasePayloads(
  erasing: Erasing,
  run: string,
  which: readonly number[] | 'payloads',
  word: EraseWord,
): Promise<number> {
  const { store } = erasing;
  if (!hasRight(word.by, 'payload:erase'))
    throw new Fault('rights.missing', `${word.by.id} lacks the right 'payload:erase'`, {
      detail: { right: 'payload:erase' },
    });
  const info = await store.info(run);
  if (info === null) throw new Fault('not-found', `there is no run ${run}`);
  if (which === 'payloads' && info.status !== 'ended')
    throw new Fault('conflict', `run ${run} is not over and needs its payloads: name those to erase, or cancel it`);
  const there = await standing(store, run, which === 'payloads' ? undefined : new Set(which));
  const kept = info.status === 'ended' ? undefined : there.find(({ type }) => isKeptWhileOpen(type));
  if (kept !== undefined)
    throw new Fault(
      'conflict',
      `run ${run} is not over and cannot be read without its event ${kept.seq} (${kept.type}): leave it out, or cancel the run first`,
      { detail: { run, seq: kept.seq, type: kept.type } },
    );
  const seqs = there.map(({ seq }) => seq);
  for (let i = 0; i < seqs.length; i += MOST_SEQS) {
    const some = seqs.slice(i, i + MOST_SEQS);
    await journalErasure(erasing, run, some, word);
    await store.erase(run, some);
  }
  if (seqs.length > 0) await renewSnapshot(erasing, run);
  return seqs.length;
}

const RETENTION: EraseWord = { by: { id: 'retention', rights: ['payload:erase'] }, reason: 'its time is over' };

/** Drops payloads whose time is over; what it returns was dropped now. */
export async function retain(erasing: Erasing, rule: RetentionRule): Promise<Erased[]> {
  const { store } = erasing;
  const erased = await retainPayloads(store, rule, (run, seqs) => journalErasure(erasing, run, seqs, RETENTION));
  for (const { stream } of erased) await renewSnapshot(erasing, stream);
  return erased;
}

/** The same for one run. */
export async function retainRun(erasing: Erasing, info: StreamInfo, beforeMs: number): Promise<Retained> {
  const { store } = erasing;
  const done = await retainStream(store, info, beforeMs, (run, seqs) => journalErasure(erasing, run, seqs, RETENTION));
  if (done.payloads > 0) await renewSnapshot(erasing, info.stream);
  return done;
}

/** Of these events (or of all), those whose payload is still there. */
async function standing(
  store: Store,
  run: string,
  wanted: ReadonlySet<number> | undefined,
): Promise<{ seq: number; type: EventType }[]> {
  const there: { seq: number; type: EventType }[] = [];
  for (let from = 0; ;) {
    const records = await store.read(run, { from, limit: PAGE });
    for (const record of records) {
      const payloads = parsePayloads(record.payloads);
      promisedPayloads(record).forEach(({ seq, type }, i) => {
        if (payloads[i] != null && (wanted === undefined || wanted.has(seq))) there.push({ seq, type });
      });
    }
    const last = records.at(-1);
    if (last === undefined || records.length < PAGE) return there;
    from = last.seq + last.count;
  }
}

async function journalErasure(erasing: Erasing, run: string, seqs: number[], word: EraseWord): Promise<void> {
  const { store, clock } = erasing;
  const untilMs = clock.monotonicMs() + PATIENCE_MS;
  let asked = false;
  for (let tries = 1; ;) {
    const info = (await store.info(run))!;
    if (info.status === 'ended') {
      if (await appendErasure(erasing, info, seqs, word)) return;
      if (++tries > TRIES) throw new Fault('conflict', `run ${run} is being written by somebody else all the time`);
      continue;
    }
    // Its owner says it and erases; a claim gives it an owner.
    if (!asked) await erasing.ask(run, seqs, word);
    asked = true;
    if ((await standing(store, run, new Set(seqs))).length === 0) return;
    if (clock.monotonicMs() > untilMs)
      throw new Fault('overloaded', `no worker has erased what was asked of run ${run}; it will when it is there`);
    await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
  }
}

/** An ended run has no owner: whoever has its head and epoch may say what becomes of its payloads. */
async function appendErasure(erasing: Erasing, info: StreamInfo, seqs: number[], word: EraseWord): Promise<boolean> {
  const { store, membership, clock, chance } = erasing;
  const { state, hash } = await loadRun(store, info.stream);
  const said = new Set(state.erased);
  // Said before, and not done to its end.
  if (seqs.every((seq) => said.has(seq))) return true;
  const { at, events } = decide(state, { in: 'erase', seqs, ...word }, clock.nowMs());
  const record = encodeRecord([{ at, in: 'erase', events }], info.head, info.epoch, hash, chance);
  const append = { stream: info.stream, epoch: info.epoch, expectedHead: info.head, record };
  const [result] = await membership.commit([append], true);
  return result?.ok === true;
}

/** A snapshot holds payloads, too. Where it stands for compacted records it is the only trace of them, and stays. */
async function renewSnapshot({ store, membership }: Erasing, run: string): Promise<void> {
  const info = await store.info(run);
  if (info?.status !== 'ended') return;
  if ((await store.snapshot(run)) === null || (await store.checkpoint(run)) !== null) return;
  const { state } = await loadRun(store, run, { snapshot: false });
  const snapshot = { seq: state.head, state: stateToText(state) };
  await membership.commit([{ stream: run, epoch: info.epoch, expectedHead: info.head, snapshot }], true);
}
