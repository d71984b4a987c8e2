/** Attempts, effects and their undoing. */
import { addAmounts, subtractAmounts } from './amounts.ts';
import type { EventOf } from './events.ts';
import { type AttemptState, effectKey, goalSkill, type RunState, type StepState } from './state.ts';

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
      });
      step.at = 'working';
      step.lesser = event.lesser;
      step.tries = (step.tries ?? 0) + 1;
      if (event.held !== undefined) state.budget.held = addAmounts(state.budget.held, event.held);
      return;
    case 'attempt.ended': {
      const attempt = findAttempt(step, event.n);
      if (attempt === undefined) return;
      if (attempt.held !== undefined) state.budget.held = subtractAmounts(state.budget.held, attempt.held);
      attempt.held = undefined;
      state.budget.spent = addAmounts(state.budget.spent, event.cost);
      if (event.late) {
        // It came too late to be output, but it happened: an abort must undo it.
        attempt.output = event.data;
        if (event.fault === undefined) noteEffect(state, step, attempt);
        step.attempts = step.attempts?.filter((a) => a !== attempt);
        return;
      }
      attempt.status = event.fault === undefined ? 'answered' : 'failed';
      attempt.fault = event.fault;
      attempt.output = event.data;
      attempt.labels = event.labels;
      if (step.at === 'person') step.at = 'working';
      if (event.fault !== undefined) step.failingSince ??= state.at;
      return;
    }
    case 'effect.unknown': {
      const attempt = findAttempt(step, event.n);
      if (attempt === undefined) return;
      attempt.status = 'unknown';
      if (event.why === 'restored') attempt.doubted = true;
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
      attempt.output = event.data;
      if (step.settledSeq === 0) {
        step.at = 'working';
        return;
      }
      if (event.happened) noteEffect(state, step, attempt);
      step.at = 'settled';
      step.attempts = step.attempts?.filter((a) => a !== attempt);
      return;
    }
  }
}

/** Remembers an effect that happened, for undo and for the bill of what was changed. */
export function noteEffect(state: RunState, step: StepState, attempt: AttemptState): void {
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
    tries: 0,
  });
}

function findAttempt(step: StepState, n: number): AttemptState | undefined {
  return step.attempts?.find((a) => a.n === n);
}

function foldUndo(state: RunState, event: EventOf<'undo.begun' | 'undo.ended'>): void {
  const done = state.effects.findLast((e) => e.step === event.step && e.state !== 'undone');
  if (done === undefined) return;
  if (event.type === 'undo.begun') {
    done.state = 'undoing';
    done.tries++;
    return;
  }
  done.state = event.fault === undefined ? 'undone' : 'stuck';
  state.budget.spent = addAmounts(state.budget.spent, event.cost);
}
