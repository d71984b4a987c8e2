/** Attempts, effects and their undoing. */
import { type FaultData, scopeOf } from '../base/index.ts';
import { addAmounts, subtractAmounts } from './amounts.ts';
import type { EventOf } from './events.ts';
import { noteLately, NOT_ITS } from './lately.ts';
import { type AttemptState, type EffectDone, grown, type RunState, type StepState } from './state.ts';
import { effectKey, goalSkill, suspectKey } from './state-facts.ts';

type AttemptEvent = EventOf<
  | 'attempt.begun'
  | 'attempt.ended'
  | 'effect.unknown'
  | 'effect.reconciled'
  | 'effect.carried'
  | 'undo.begun'
  | 'undo.ended'
>;

export function foldAttempt(state: RunState, event: AttemptEvent): void {
  switch (event.type) {
    case 'undo.begun':
    case 'undo.ended':
      return foldUndo(state, event);
    case 'effect.carried': {
      const { step, agent, skill, key, effect, data } = event;
      state.effects.push({ step, agent, skill, key, effect, undoes: false, output: data, state: 'carried', tries: 0 });
      return;
    }
    default:
  }
  const step = state.steps.get(event.step);
  if (step === undefined) return;
  switch (event.type) {
    case 'attempt.begun':
      (step.attempts ??= []).push({
        n: event.n,
        agent: event.agent,
        effect: event.effect,
        keyed: event.keyed,
        undoes: event.undoes,
        reconciles: event.reconciles,
        status: 'open',
        begunAt: state.at,
        held: event.held,
        lesser: event.lesser,
        ask: event.ask,
      });
      step.at = 'working';
      step.lesser = event.lesser;
      step.tries = (step.tries ?? 0) + 1;
      if (event.held !== undefined) state.budget.held = addAmounts(state.budget.held, event.held);
      return;
    case 'attempt.ended': {
      const attempt = findAttempt(step, event.n);
      if (attempt === undefined) return;
      noteLately(state, step, attempt, event);
      if (attempt.held !== undefined) state.budget.held = subtractAmounts(state.budget.held, attempt.held);
      attempt.held = undefined;
      state.budget.spent = addAmounts(state.budget.spent, event.cost);
      if (event.late) {
        // It came too late to be output, but it happened: an abort must undo it.
        attempt.output = event.data;
        if (landed(event.fault)) noteEffect(state, step, attempt, true);
        letGo(step, attempt);
        return;
      }
      attempt.status = event.fault === undefined ? 'answered' : 'failed';
      attempt.fault = event.fault;
      if (event.unasked === undefined) noteSuspect(state, step, attempt);
      else attempt.unasked = event.unasked;
      attempt.output = event.data;
      attempt.labels = event.labels;
      if (event.camp !== undefined) attempt.camp = event.camp;
      if (event.illegal !== undefined) attempt.illegal = event.illegal;
      if (event.gone) attempt.gone = true;
      // The sink did it; only what it answered is of no use.
      if (event.fault !== undefined && landed(event.fault)) noteEffect(state, step, attempt);
      if (step.at === 'person') step.at = 'working';
      if (event.fault !== undefined) step.failingSince ??= state.at;
      return;
    }
    case 'effect.unknown': {
      const attempt = findAttempt(step, event.n);
      if (attempt === undefined) return;
      attempt.status = 'unknown';
      if (event.why === 'restored') attempt.doubted = true;
      attempt.fault ??= event.fault;
      step.failingSince ??= state.at;
      return;
    }
    case 'effect.reconciled': {
      const attempt = findAttempt(step, event.n);
      if (attempt === undefined) return;
      // An unknown call stays charged: what was held is spent.
      if (attempt.held !== undefined) {
        state.budget.held = subtractAmounts(state.budget.held, attempt.held);
        if (event.happened) state.budget.spent = addAmounts(state.budget.spent, attempt.held);
        attempt.held = undefined;
      }
      attempt.status = event.happened ? 'answered' : 'failed';
      if (event.happened) attempt.fault = undefined;
      attempt.output = event.data;
      if (step.settledSeq === 0) {
        step.at = step.driftHash === undefined ? 'working' : 'drifted';
        if (!event.happened) settleDoubts(step);
        return;
      }
      if (event.happened) noteEffect(state, step, attempt, true);
      step.at = 'settled';
      letGo(step, attempt);
      return;
    }
  }
}

function noteSuspect(state: RunState, step: StepState, attempt: AttemptState): void {
  const key = suspectKey(goalSkill(step, attempt.lesser), attempt.agent);
  if (attempt.fault === undefined) state.suspects.delete(key);
  else if (!NOT_ITS.has(attempt.fault.code)) (state.suspects = grown(state.suspects)).add(key);
}

/** Remembers an effect that happened, for undo and for the bill of what was changed. */
export function noteEffect(state: RunState, step: StepState, attempt: AttemptState, unwanted = false): void {
  if (attempt.effect === 'pure') return;
  state.effects.push({
    step: step.id,
    agent: attempt.agent,
    skill: goalSkill(step, attempt.lesser),
    key: effectKey(state, step),
    effect: attempt.effect,
    undoes: attempt.undoes === true,
    input: step.input,
    output: attempt.output,
    state: 'done',
    unwanted: unwanted ? true : undefined,
    tries: 0,
  });
}

/** An answer that does not fit its schema is a failure of the step, but the call was worked. */
function landed(fault: FaultData | undefined): boolean {
  return fault === undefined || fault.code === 'output.invalid';
}

/** The sink has never worked this key: no earlier try can have happened either. */
function settleDoubts(step: StepState): void {
  for (const a of step.attempts ?? []) {
    if (a.effect === 'pure' || a.status !== 'failed') continue;
    a.known = true;
    a.again = undefined;
  }
}

function letGo(step: StepState, attempt: AttemptState): void {
  const rest = step.attempts?.filter((a) => a !== attempt);
  step.attempts = rest?.length === 0 ? undefined : rest;
}

function findAttempt(step: StepState, n: number): AttemptState | undefined {
  return step.attempts?.find((a) => a.n === n);
}

function foldUndo(state: RunState, event: EventOf<'undo.begun' | 'undo.ended'>): void {
  const begins = event.type === 'undo.begun';
  const done = state.effects.findLast(
    (e) => e.step === event.step && (e.state === 'undoing' || (begins && e.state === 'done')),
  );
  if (done === undefined) return;
  if (begins) {
    done.state = 'undoing';
    done.tries++;
    return;
  }
  if (!event.again) done.state = event.fault === undefined ? 'undone' : 'stuck';
  if (done.state === 'undone' && state.phase === 'running') noteUndone(state, done);
  state.budget.spent = addAmounts(state.budget.spent, event.cost);
}

/** For another way of a step around: whatever settled with this effect has to be worked anew in it. */
function noteUndone(state: RunState, { step: id, key }: EffectDone): void {
  const { steps } = state;
  (state.undone ??= new Set()).add(key);
  for (let at = id; at !== ''; at = scopeOf(at)) {
    const step = steps.get(at);
    if (step !== undefined && step.settledSeq !== 0) step.undone = true;
  }
}
