/** Plan: a step is asked, or asked anew in the place of what it was. */
import { type FaultData, type Json, scopeOf } from '../../base/index.ts';
import {
  type Deciding,
  emit,
  faultData,
  hasChildOut,
  isScheduled,
  joinLabels,
  sendCancel,
  type StepAsk,
  type StepState,
} from '../../model/index.ts';
import { clearTimers } from './timers.ts';
import { leaveQuestions } from './unheard.ts';

export function begin(d: Deciding, ask: StepAsk): void {
  emitAsked(d, ask);
  d.todo.push({ to: 'begin', step: ask.step });
}

/** A local function that answered before anything was decided: asked and settled in one turn. */
export function settleAtOnce(d: Deciding, ask: StepAsk, ran: { data?: Json; fault?: FaultData }): void {
  emitAsked(d, ask);
  const running = d.state.cancelling === undefined && d.state.phase === 'running';
  const out = ran.fault === undefined ? 'ok' : 'failed';
  if (running) d.todo.push({ to: 'settle', step: ask.step, out, data: ran.data, fault: ran.fault });
  else d.todo.push({ to: 'begin', step: ask.step });
}

/** What code looks at cannot be known by value: a step inherits the labels of all that came before it. */
function emitAsked(d: Deciding, ask: StepAsk): void {
  const { labels, seen } = d.state;
  if (labels === undefined && seen === undefined) emit(d, { type: 'step.asked', ...ask });
  else emit(d, { type: 'step.asked', ...ask, labels: joinLabels(joinLabels(labels, seen), ask.labels) });
}

/** Forgets what was worked of this step and asks again. Its effects stay in the books, to be undone. */
export function renew(d: Deciding, step: StepState, ask: StepAsk | undefined, why: 'drift' | 'input' | 'undone'): void {
  dropWork(d, step);
  emit(d, { type: 'step.redone', step: step.id, why });
  // A plan says itself what it asks for.
  if (isScheduled(d.state, step.id)) d.todo.push({ to: 'advance', scope: scopeOf(step.id) });
  else if (ask !== undefined) begin(d, ask);
}

/** What is under way for a step that is worked anew, and inside of it: wake-ups, calls, children. */
function dropWork(d: Deciding, step: StepState): void {
  for (const ids of step.inside?.values() ?? [])
    for (const id of ids) {
      const inner = d.state.steps.get(id);
      if (inner !== undefined) dropWork(d, inner);
    }
  clearTimers(d, step);
  leaveQuestions(d, step, false);
  dropAttempts(d, step);
  if (hasChildOut(step)) sendCancel(d, step.child!, `step '${step.id}' is worked anew`);
}

/** Calls that are still out: the charge stays, the answer will find nobody. */
function dropAttempts(d: Deciding, step: StepState): void {
  for (const attempt of step.attempts ?? []) {
    if (attempt.status !== 'open' && attempt.status !== 'unknown') continue;
    d.commands.push({ do: 'stopAttempt', step: step.id, n: attempt.n, reason: 'asked again with another input' });
    const fault = faultData('step.cancelled', `step '${step.id}' is worked anew`);
    emit(d, { type: 'attempt.ended', step: step.id, n: attempt.n, cost: attempt.held, late: true, fault });
  }
}
