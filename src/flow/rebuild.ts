/**
 * Rebuild: the input that a turn answered, from its events and the state before them (E1). What an input
 * held and decisions do not read (the words of a refused letter) is not in the journal, and not rebuilt.
 */
import { canonicalJson, type FaultData, type Json } from '../base/index.ts';
import {
  type AnswerInput,
  type Event,
  type EventOf,
  type EventType,
  faultData,
  type Input,
  type InputKind,
  type Plan,
  type RunState,
  timerLetter,
  type Turn,
} from '../model/index.ts';
import { asksOf, ranOf } from './rebuild-asked.ts';

/** Undefined: no input of this kind can have brought these events about. */
export function inputOf(state: RunState, turn: Turn): Input | undefined {
  return rebuilders[turn.in]?.(turn.events, state);
}

type Rebuilder = (events: readonly Event[], state: RunState) => Input | undefined;

const rebuilders: Record<InputKind, Rebuilder> = {
  admit(events) {
    const admitted = first(events, 'run.admitted');
    if (admitted === undefined) return undefined;
    const { type: _type, format: _format, plan: hash, ...rest } = admitted;
    if (hash === undefined) return { in: 'admit', ...rest };
    const planned = first(events, 'run.planned');
    return { in: 'admit', ...rest, plan: { hash, plan: planned?.data as unknown as Plan } };
  },
  claim: (events) => factsOf(events, 'run.claimed', 'claim'),
  restored: (events) => withLetter(factsOf(events, 'run.restored', 'restored')),
  asked(events, state) {
    const asks = asksOf(events, state);
    return { in: 'asked', asks, ran: ranOf(events, asks) };
  },
  // What was open in the branch is cancelled first.
  branch: (events) => factsOf(from(events, 'branch.ended'), 'branch.ended', 'branch'),
  turned: turnedOf,
  returned: returnedOf,
  candidates: (events) => factsOf(events, 'candidates.found', 'candidates'),
  answer: answerOf,
  ran(events, state) {
    const settled = all(events, 'step.settled').find((e) => state.steps.get(e.step)?.kind === 'code');
    return settled && { in: 'ran', step: settled.step, data: settled.data, fault: settled.fault };
  },
  timer(events) {
    const fired = first(events, 'timer.fired');
    return fired && { in: 'timer', id: fired.id, letter: timerLetter(fired.id) };
  },
  signal(events) {
    const refused = refusedOf(events, 'signal ');
    if (refused !== undefined)
      return { in: 'signal', signal: refused.about, id: refused.id, by: refused.by!, letter: '' };
    return withLetter(factsOf(events, 'signal.received', 'signal'));
  },
  gate(events) {
    const refused = refusedOf(events, 'gate ');
    if (refused !== undefined)
      return {
        in: 'gate',
        step: refused.about,
        id: refused.id,
        choice: 'approve',
        by: refused.by!,
        attempt: refused.attempt,
        letter: '',
      };
    const edit = refusedOf(events, 'edit ');
    if (edit !== undefined)
      return { in: 'gate', step: edit.about, id: edit.id, choice: 'edit', by: edit.by!, letter: '' };
    return withLetter(factsOf(events, 'gate.answered', 'gate'));
  },
  cancel(events) {
    const cancelling = first(events, 'run.cancelling');
    if (cancelling !== undefined)
      return { in: 'cancel', by: cancelling.by, reason: cancelling.reason, why: cancelling.why as 'asked' | 'parent' };
    const refused = first(events, 'letter.refused');
    return refused && { in: 'cancel', by: refused.by!, reason: '', why: 'asked' };
  },
  child: (events) => factsOf(events, 'child.ended', 'child'),
  budget(events) {
    const [event] = events;
    if (event?.type === 'budget.heard')
      return { in: 'budget', say: 'heard', id: event.id, granted: event.granted, letter: '' };
    if (event?.type !== 'budget.answered') return undefined;
    return { in: 'budget', say: 'wanted', child: event.child, id: event.id, amounts: event.wanted, letter: '' };
  },
  drift(events) {
    const refused = refusedOf(events, 'drift ');
    if (refused !== undefined) return { in: 'drift', step: refused.about, choice: 'keep', by: refused.by!, letter: '' };
    const redo = refusedOf(events, 'redo ');
    if (redo !== undefined) return { in: 'drift', step: redo.about, choice: 'redo', by: redo.by!, letter: '' };
    return withLetter(factsOf(events, 'drift.answered', 'drift'));
  },
  reconciled(events) {
    const facts = factsOf(events, 'effect.reconciled', 'reconciled');
    if (facts !== undefined) return facts;
    // Nobody could tell: it went to a person.
    const escalated = first(events, 'fault.escalated');
    const asked = escalated?.fault.detail as { n: number; agent: string } | undefined;
    return asked && { in: 'reconciled', step: escalated!.step, n: asked.n, happened: undefined, by: asked.agent };
  },
  undone(events) {
    const ended = first(events, 'undo.ended');
    if (ended !== undefined) return { in: 'undone', step: ended.step, fault: ended.fault, cost: ended.cost };
    const again = first(events, 'undo.begun');
    return again && { in: 'undone', step: again.step, fault: again.fault };
  },
  replan(events) {
    const planned = first(events, 'run.planned');
    if (planned !== undefined)
      return { in: 'replan', plan: { hash: planned.hash, plan: planned.data as unknown as Plan }, by: planned.by };
    const refused = first(events, 'letter.refused');
    const hash = refused?.id.slice('replan:'.length);
    return refused && { in: 'replan', plan: { hash: hash!, plan: refused.data as unknown as Plan }, by: refused.by };
  },
  erase(events) {
    const [event] = events;
    if (event?.type !== 'letter.refused') return factsOf(events, 'payload.erased', 'erase');
    return { in: 'erase', seqs: [], by: event.by!, reason: '', letter: event.id };
  },
  refused: (events) => withLetter(factsOf(events, 'letter.refused', 'refused')),
  rested: (events) => factsOf(events, 'run.rested', 'rested'),
  fork: (events) => ({ in: 'fork', events: [...events] }),
  begun(events, state) {
    const ending = first(events, 'run.ending');
    if (ending !== undefined) return { in: 'begun', run: state.next!, fault: ending.fault };
    const ended = first(events, 'run.ended');
    return ended?.next === undefined ? undefined : { in: 'begun', run: ended.next };
  },
};

function turnedOf(events: readonly Event[], state: RunState): Input | undefined {
  const turned = all(events, 'loop.turned');
  // Steps still open inside are cancelled first, and end before the loop itself.
  const settled = all(events, 'step.settled').find(
    (e) => e.out !== 'cancelled' && state.steps.get(e.step)?.kind === 'loop',
  );
  const step = turned[0]?.step ?? settled?.step;
  if (step === undefined) return undefined;
  return {
    in: 'turned',
    step,
    turns: turned.flatMap(turnsOf),
    done: settled?.out === 'ok' ? true : undefined,
    fault: settled?.fault,
  };
}

/** Turns that came together stand in one event, as a list (or in what is left of it, erased). */
function turnsOf({ turn, first = turn, data }: EventOf<'loop.turned'>): { turn: number; data?: Json }[] {
  if (first === turn) return [{ turn, data }];
  const list = Array.isArray(data) ? data : undefined;
  return Array.from({ length: turn - first + 1 }, (_, i) => ({
    turn: first + i,
    data: list === undefined ? data : list[i],
  }));
}

function returnedOf(events: readonly Event[]): Input | undefined {
  const unasked = all(events, 'step.orphaned').map((e) => e.step);
  const end = events.find((e) => e.type === 'run.ending' || e.type === 'run.ended');
  if (end === undefined) return undefined;
  if (end.outcome === 'continued') return { in: 'returned', continueWith: { run: end.next!, data: end.data }, unasked };
  if (end.outcome === 'failed') return { in: 'returned', fault: end.fault, unasked };
  return { in: 'returned', data: end.data, unasked };
}

function answerOf(events: readonly Event[], state: RunState): Input | undefined {
  const [event] = events;
  if (event?.type === 'effect.unknown') {
    const lost = event.why === 'timeout' ? 'step.timeout' : 'agent.lost';
    return { in: 'answer', step: event.step, n: event.n, fault: event.fault ?? faultOf(lost) };
  }
  if (event?.type !== 'attempt.ended') return undefined;
  const { step, n, fault, unasked, data, labels, usage, camp, illegal } = event;
  const input: AnswerInput = { in: 'answer', step, n, fault, unasked, data, labels, usage, camp, illegal };
  // Without a cost of its own a call is charged what was held for it, and that is no overrun.
  const held = state.steps.get(step)?.attempts?.find((a) => a.n === n)?.held;
  const charged = held !== undefined && canonicalJson(held) === canonicalJson(event.cost);
  if (!charged || events[1]?.type === 'budget.overrun') input.cost = event.cost;
  return input;
}

function faultOf(code: FaultData['code']): FaultData {
  return faultData(code, '', 'elsewhere');
}

function from(events: readonly Event[], type: EventType): readonly Event[] {
  return events.slice(
    Math.max(
      0,
      events.findIndex((e) => e.type === type),
    ),
  );
}

function all<T extends EventType>(events: readonly Event[], type: T): EventOf<T>[] {
  return events.filter((e) => e.type === type) as EventOf<T>[];
}

function first<T extends EventType>(events: readonly Event[], type: T): EventOf<T> | undefined {
  return events.find((e) => e.type === type) as EventOf<T> | undefined;
}

/** Where the first event holds what the input held, member by member. */
function factsOf(events: readonly Event[], type: EventType, kind: InputKind): Input | undefined {
  const [event] = events;
  if (event?.type !== type) return undefined;
  const { type: _type, ...facts } = event;
  return { in: kind, ...facts } as unknown as Input;
}

function withLetter(input: Input | undefined): Input | undefined {
  return input && ({ ...input, letter: '' } as Input);
}

/** A letter that was not taken says what it was about, after this word. */
function refusedOf(events: readonly Event[], word: string) {
  const [event] = events;
  if (event?.type !== 'letter.refused' || !event.what.startsWith(word)) return undefined;
  return { ...event, about: event.what.slice(word.length) };
}
