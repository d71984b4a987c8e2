/**
 * Replay: a run decided again from its journal, with no agent, no user code and no network. Each turn's
 * input is rebuilt from its events, and what `decide` makes of it is compared with what was written.
 *
 * P1  Events are compared as canonical JSON; where a payload was erased, all but the payload is.
 * P2  A journal of another engine version may be decided otherwise; it still folds, to equal state.
 * P3  What was decided from a payload that is gone now cannot be decided again (`payload.erased`, or the plan itself is
 *     gone): that turn is taken as it was written, and counted.
 */
import { canonicalJson, errorText, Fault } from '../base/index.ts';
import { decide, inputOf } from '../flow/index.ts';
import {
  type Event,
  foldTurn,
  holdsErased,
  isErased,
  lacksPlan,
  newRunState,
  type RunState,
  stateToText,
  textToState,
  type Turn,
} from '../model/index.ts';
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
  /** Payloads that are gone. */
  erased: number;
  /** Turns that hung on them, and could not be decided again. */
  asWritten: number;
} & ({ equal: true } | ({ equal: false } & Difference));

export async function replay(store: Store, run: string, options: { decide?: Decide } = {}): Promise<Replayed> {
  const done = { run, engine: '', from: -1, turns: 0, events: 0, erased: 0, asWritten: 0 };
  let difference: Difference | undefined;
  let written: RunState | undefined;

  /** P3. False: it differs. Where something is gone already, what was written is folded beside what is decided. */
  function isEqual(state: RunState, turn: Turn): boolean {
    if (isUndecidable(state, turn)) {
      foldTurn(state, turn);
      written = undefined;
      done.asWritten++;
      return true;
    }
    if (state.lacks === true || turn.events.some(({ data }) => isErased(data))) written ??= copyOf(state);
    const again = decideAgain(state, turn, options.decide ?? decide);
    if (written !== undefined) foldTurn(written, turn);
    if (again.difference === undefined) return true;
    if (written !== undefined && again.events.some(saysErased)) {
      Object.assign(state, newRunState(run), copyOf(written));
      done.asWritten++;
      return true;
    }
    ({ difference } = again);
    return false;
  }

  const { state } = await loadRun(store, run, {
    snapshot: 'needed',
    take(state, turn) {
      if (done.from < 0) done.from = state.head;
      done.erased += turn.events.filter((event) => isErased(event.data)).length;
      if (!isEqual(state, turn)) return false;
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
  return decideAgain(state, turn, how).difference;
}

function decideAgain(state: RunState, turn: Turn, how: Decide): { events: Event[]; difference?: Difference } {
  const { head } = state;
  const troubled = (trouble: string) => ({
    events: [],
    difference: { at: head, turn, expected: turn.events[0], trouble },
  });
  let events: Event[];
  try {
    const input = inputOf(state, turn);
    if (input === undefined) return troubled(`no input '${turn.in}' brings these events about`);
    ({ events } = how(state, input, turn.at));
  } catch (thrown) {
    return troubled(errorText(thrown));
  }
  const most = Math.max(events.length, turn.events.length);
  for (let i = 0; i < most; i++) {
    const [expected, got] = [turn.events[i], events[i]];
    if (!isSame(expected, got)) return { events, difference: { at: head + i, turn, expected, got } };
  }
  return { events };
}

/** P3 */
function saysErased(event: Event): boolean {
  return 'fault' in event && event.fault?.code === 'payload.erased';
}

/** The plan, or an answer that is worked as one. */
function isUndecidable(state: RunState, { events }: Turn): boolean {
  if (events.some(({ type, data }) => isErased(data) && (type === 'run.planned' || type === 'plan.grafted')))
    return true;
  return lacksPlan(state);
}

function copyOf(state: RunState): RunState {
  return textToState(stateToText(state));
}

function isSame(expected: Event | undefined, got: Event | undefined): boolean {
  if (expected === undefined || got === undefined) return false;
  if (canonicalJson(expected) === canonicalJson(got)) return true;
  if (!holdsErased(expected.data) && !holdsErased(got.data)) return false;
  return canonicalJson({ ...expected, data: null }) === canonicalJson({ ...got, data: null });
}
