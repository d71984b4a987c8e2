/**
 * Attempt: intents without an outcome.
 *
 * U1  An unknown effect never moves elsewhere before it is reconciled.
 * U2  What may be repeated (pure; idempotent with our key honoured) is asked again, same agent, same key.
 * U3  Else the sink is asked whether it happened; if it cannot say, a person decides.
 */
import type { Json } from '../../base/index.ts';
import {
  type AttemptState,
  type Deciding,
  effectKey,
  emit,
  faultData,
  goalSkill,
  type StepState,
} from '../../model/index.ts';

/** The same call with the same key may be made again without harm. */
export function repeatable(attempt: AttemptState): boolean {
  return attempt.effect === 'pure' || (attempt.effect === 'idempotent' && attempt.keyed === true);
}

export function reconcile(d: Deciding, step: StepState, attempt: AttemptState): void {
  if (attempt.reconciles) {
    d.commands.push({
      do: 'reconcile',
      step: step.id,
      n: attempt.n,
      agent: attempt.agent,
      skill: goalSkill(step, attempt.lesser),
      key: effectKey(d.state, step),
      data: step.input,
    });
    return;
  }
  toPerson(d, step, attempt);
}

function toPerson(d: Deciding, step: StepState, attempt: AttemptState): void {
  if (step.at === 'person') return;
  const fault = faultData(
    'effect.unknown',
    `whether step '${step.id}' happened at '${attempt.agent}' is unknown, and it cannot be asked`,
    'never',
    { step: step.id, n: attempt.n, agent: attempt.agent },
  );
  emit(d, {
    type: 'fault.escalated',
    step: step.id,
    to: 'person',
    fault,
    cut: [{ agent: attempt.agent, why: 'unknown' }],
  });
  d.barrier = true;
}

/** The sink or a person has said whether it happened; `undefined` = they cannot tell. */
export function reconciled(
  d: Deciding,
  id: string,
  n: number,
  happened: boolean | undefined,
  by: string,
  data: Json | undefined,
): void {
  const step = d.state.steps.get(id);
  const attempt = step?.attempts?.find((a) => a.n === n);
  if (step === undefined || attempt?.status !== 'unknown') return;
  if (happened === undefined) return toPerson(d, step, attempt);
  emit(d, { type: 'effect.reconciled', step: id, n, happened, by, data });
  d.barrier = true;
  if (step.settledSeq !== 0) d.todo.push({ to: 'end' });
  else if (happened) d.todo.push({ to: 'agree', step: id });
  else d.todo.push({ to: 'begin', step: id, why: 'again', agent: attempt.agent });
}
