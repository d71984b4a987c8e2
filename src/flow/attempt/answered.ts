/** Attempt: an agent answered, or failed to. */
import {
  type Amounts,
  type AnswerInput,
  type AttemptState,
  type Deciding,
  emit,
  isAsked,
  type StepState,
} from '../../model/index.ts';
import { answerProblem, leaveQuestion } from '../plan/index.ts';
import { noteOverrun } from './budget.ts';
import { mayTryAgain, stepTimeLeft } from './limits.ts';
import { isAmbiguous, reconcile, repeatable } from './unknown.ts';

export function answered(d: Deciding, input: AnswerInput): void {
  const step = d.state.steps.get(input.step);
  const attempt = step?.attempts?.find((a) => a.n === input.n);
  if (step === undefined || attempt === undefined) return;
  if (attempt.status !== 'open' && attempt.status !== 'unknown') return;
  if (input.of !== undefined && !isAsked(d.state, step, attempt, input.of)) return;
  const acting = attempt.effect !== 'pure';
  const aside = attempt.ask !== undefined && attempt.ask.kind !== 'answer' && attempt.ask.kind !== 'revise';
  if (input.fault === undefined && !acting && !aside) {
    const problem = answerProblem(d.state, step, input.data);
    if (problem !== undefined) return answered(d, { ...input, fault: problem });
  }
  const late = step.settledSeq !== 0;
  const ambiguous = isAmbiguous(step, attempt, input.fault);
  const mayRepeat = repeatable(attempt) && (late || (mayTryAgain(step, attempt) && stepTimeLeft(d, step)));
  if (ambiguous && !mayRepeat) return becomesUnknown(d, step, attempt, input);
  const fault = input.fault && healable(input.fault, acting, ambiguous);
  emit(d, {
    type: 'attempt.ended',
    step: step.id,
    n: attempt.n,
    fault,
    unasked: input.unasked,
    cost: cost(d, attempt, input),
    late: late ? true : undefined,
    usage: input.usage,
    data: input.data,
    labels: input.labels,
    camp: input.camp,
    illegal: input.illegal,
  });
  noteOverrun(d, step.id);
  if (acting || attempt.held !== undefined || input.cost?.money !== undefined) d.barrier = true;
  if (late) {
    leaveQuestion(d, step, attempt, fault, false);
    d.todo.push({ to: 'end' });
  } else if (fault === undefined) d.todo.push({ to: 'agree', step: step.id });
  else d.todo.push({ to: 'heal', step: step.id, n: attempt.n, fault });
}

/** U2: an effect that may have happened is tried again with its key where it was tried, and nowhere else. */
function healable(fault: NonNullable<AnswerInput['fault']>, acting: boolean, ambiguous: boolean): typeof fault {
  if (ambiguous) return { ...fault, retry: 'same' };
  return acting && fault.code === 'output.invalid' ? { ...fault, retry: 'never' } : fault;
}

function becomesUnknown(d: Deciding, step: StepState, attempt: AttemptState, input: AnswerInput): void {
  if (attempt.status === 'unknown') return;
  emit(d, {
    type: 'effect.unknown',
    step: step.id,
    n: attempt.n,
    why: input.fault?.code === 'step.timeout' ? 'timeout' : 'lost',
    fault: input.fault,
  });
  d.barrier = true;
  reconcile(d, step, attempt);
}

const NOT_TAKEN = new Set(['agent.busy', 'agent.refused', 'overloaded']);

/**
 * What the agent reports counts; where it says nothing, the price does. Calls and time are counted by us.
 * A call that was never taken costs nothing.
 */
function cost(d: Deciding, attempt: AttemptState, input: AnswerInput): Amounts | undefined {
  const { held } = attempt;
  if (input.cost === undefined && input.fault !== undefined && NOT_TAKEN.has(input.fault.code)) return undefined;
  if (held === undefined) return input.cost;
  const sum: Amounts = { ...held, ...input.cost };
  if (held.calls !== undefined) sum.calls = held.calls;
  if (held.timeMs !== undefined) sum.timeMs = Math.max(input.cost?.timeMs ?? 0, d.at - attempt.begunAt);
  return sum;
}
