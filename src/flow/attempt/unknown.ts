/**
 * Attempt: intents without an outcome.
 *
 * U1  An unknown effect never moves elsewhere before it is reconciled.
 * U2  What may be repeated (pure; idempotent with our key honoured) is asked again, same agent, same key.
 * U3  Else the sink is asked whether it happened; if it cannot say, a person decides.
 * U4  An agent that fails without a word on it (an error, silence) may have worked the call: only a Fault
 *     that says more (`agent.refused`, `agent.busy`, ...) is proof that it did not.
 */
import type { FaultData, Json } from '../../base/index.ts';
import {
  type Asked,
  askedOf,
  type AttemptState,
  type Deciding,
  emit,
  faultData,
  isAsked,
  type StepState,
} from '../../model/index.ts';
import { diedWithWorker, mayTryAgain } from './limits.ts';

/** The same call with the same key may be made again without harm. */
export function repeatable(attempt: AttemptState): boolean {
  return attempt.effect === 'pure' || (attempt.effect === 'idempotent' && attempt.keyed === true);
}

/** Faults that do not say whether the call was worked. */
const AMBIGUOUS: ReadonlySet<string> = new Set([
  'agent.failed',
  'agent.lost',
  'step.timeout',
  'step.cancelled',
  'site.stopped',
  'internal',
]);

/** After this, an effect may or may not have happened: by this call, or by an earlier one with the same key. */
export function isAmbiguous(step: StepState, attempt: AttemptState, fault: FaultData | undefined): boolean {
  if (fault === undefined || attempt.effect === 'pure' || fault.code === 'output.invalid') return false;
  return leavesDoubt(attempt, fault) || (step.attempts?.some((a) => a !== attempt && leavesDoubt(a, a.fault)) ?? false);
}

/** What a later try was told says nothing of the call that a lost worker had made. */
function leavesDoubt(attempt: AttemptState, fault: FaultData | undefined): boolean {
  if (fault === undefined || attempt.effect === 'pure' || attempt.known === true) return false;
  return attempt.again === true || AMBIGUOUS.has(fault.code);
}

/** What was taken for a failure may have happened after all, and the one who could be asked again is gone. */
export function doubt(d: Deciding, step: StepState, attempt: AttemptState): void {
  emit(d, { type: 'effect.unknown', step: step.id, n: attempt.n, why: 'lost' });
  d.barrier = true;
  reconcile(d, step, attempt);
}

export function reconcile(d: Deciding, step: StepState, attempt: AttemptState): void {
  if (attempt.reconciles) {
    d.commands.push({
      do: 'reconcile',
      step: step.id,
      n: attempt.n,
      ...askedOf(d.state, step, attempt),
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
  of?: Asked,
): void {
  const step = d.state.steps.get(id);
  const attempt = step?.attempts?.find((a) => a.n === n);
  if (step === undefined || attempt?.status !== 'unknown') return;
  if (of !== undefined && !isAsked(d.state, step, attempt, of)) return;
  if (happened === undefined) return toPerson(d, step, attempt);
  emit(d, { type: 'effect.reconciled', step: id, n, happened, by, data });
  d.barrier = true;
  if (step.settledSeq !== 0) d.todo.push({ to: 'end' });
  else if (happened) d.todo.push({ to: 'agree', step: id });
  else if (attempt.fault === undefined || diedWithWorker(attempt))
    d.todo.push({ to: 'begin', step: id, why: 'again', agent: attempt.agent });
  else d.todo.push({ to: 'heal', step: id, n, fault: { ...attempt.fault, retry: retryOf(step, attempt) } });
}

/** A call that failed and is known not to have happened is a failure like any other: tried again, but not for ever. */
function retryOf(step: StepState, attempt: AttemptState): FaultData['retry'] {
  if (mayTryAgain(step, attempt)) return 'same';
  return attempt.fault?.retry === 'never' ? 'never' : 'elsewhere';
}
