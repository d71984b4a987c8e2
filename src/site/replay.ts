/**
 * Replay: a run decided again from its journal, with no agent, no user code and no network. Each turn's
 * input is rebuilt from its events, and what `decide` makes of it is compared with what was written.
 *
 * P1  Events are compared as canonical JSON; where a payload was erased, all but the payload is.
 * P2  A journal of another engine version may be decided otherwise; it still folds, to equal state.
 */
import { canonicalJson, errorText, Fault } from '../base/index.ts';
import { decide, inputOf } from '../flow/index.ts';
import { ERASED, type Event, newRunState, type RunState, type Turn } from '../model/index.ts';
import type { Store } from '../ports/store/index.ts';
import { loadRun } from './load.ts';

export type Decide = typeof decide;

/** Where what is decided now leaves what was written. */
export interface Difference {
  /** The event that is not the same: how many came before it. */
  at: number;
  turn: Turn;
  /** The event as written; absent when nothing more was. */
  expected?: Event;
  /** The event as decided now; absent when nothing more was. */
  got?: Event;
  /** Why nothing could be decided at all. */
  trouble?: string;
}

export type Replayed = {
  run: string;
  /** The engine that wrote the journal. */
  engine: string;
  /** The first event read: beyond 0 when what came before is compacted. */
  from: number;
  /** How many were found equal. */
  turns: number;
  events: number;
  /** Payloads that are gone: what was decided from their content may differ. */
  erased: number;
} & ({ equal: true } | ({ equal: false } & Difference));

export async function replay(store: Store, run: string, options: { decide?: Decide } = {}): Promise<Replayed> {
  const done = { run, engine: '', from: -1, turns: 0, events: 0, erased: 0 };
  let difference: Difference | undefined;
  const { state } = await loadRun(store, run, {
    snapshot: 'needed',
    take(state, turn) {
      if (done.from < 0) done.from = state.head;
      done.erased += turn.events.filter((event) => event.data === ERASED).length;
      difference = replayTurn(state, turn, options.decide);
      if (difference !== undefined) return false;
      done.turns++;
      done.events = state.head - done.from;
      return true;
    },
  });
  if (done.from < 0) throw new Fault('not-found', `there is no run ${run}`);
  done.engine = state.engine;
  return difference === undefined ? { ...done, equal: true } : { ...done, equal: false, ...difference };
}

/** The same over turns in hand: a journal read from elsewhere. */
export function replayTurns(run: string, turns: Iterable<Turn>, how: Decide = decide): Difference | undefined {
  const state = newRunState(run);
  for (const turn of turns) {
    const difference = replayTurn(state, turn, how);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** Takes the state over one turn by deciding it again; gives the first difference. */
export function replayTurn(state: RunState, turn: Turn, how: Decide = decide): Difference | undefined {
  const { head } = state;
  let decided: Event[];
  try {
    const input = inputOf(state, turn);
    if (input === undefined)
      return { at: head, turn, expected: turn.events[0], trouble: `no input '${turn.in}' brings these events about` };
    decided = how(state, input, turn.at).events;
  } catch (thrown) {
    return { at: head, turn, expected: turn.events[0], trouble: errorText(thrown) };
  }
  const most = Math.max(decided.length, turn.events.length);
  for (let i = 0; i < most; i++) {
    const [expected, got] = [turn.events[i], decided[i]];
    if (!isSame(expected, got)) return { at: head + i, turn, expected, got };
  }
  return undefined;
}

function isSame(expected: Event | undefined, got: Event | undefined): boolean {
  if (expected === undefined || got === undefined) return false;
  if (canonicalJson(expected) === canonicalJson(got)) return true;
  if (!isErased(expected.data) && !isErased(got.data)) return false;
  return canonicalJson({ ...expected, data: null }) === canonicalJson({ ...got, data: null });
}

/** Whether an erased payload is somewhere in it. */
function isErased(value: unknown): boolean {
  if (value === ERASED) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(isErased);
}
