/** Attempt: an agent answered, or failed to. */
import { type AnswerInput, type AttemptState, type Deciding, emit, type StepState } from '../../model/index.ts';
import { answerProblem } from '../plan/index.ts';
import { noteOverrun } from './budget.ts';
import { reconcile, repeatable } from './unknown.ts';

/** Faults that do not say whether the call was worked. */
const AMBIGUOUS = new Set(['agent.lost', 'step.timeout', 'site.stopped']);

export function answered(d: Deciding, input: AnswerInput): void {
  const step = d.state.steps.get(input.step);
  const attempt = step?.attempts?.find((a) => a.n === input.n);
  if (step === undefined || attempt === undefined) return;
  if (attempt.status !== 'open' && attempt.status !== 'unknown') return;
  if (input.fault === undefined && attempt.effect === 'pure') {
    const problem = answerProblem(d.state, step, input.data);
    if (problem !== undefined) return answered(d, { ...input, fault: problem });
  }
  const ambiguous = input.fault !== undefined && AMBIGUOUS.has(input.fault.code);
  if (ambiguous && attempt.effect !== 'pure' && !repeatable(attempt)) return becomesUnknown(d, step, attempt, input);
  const late = step.settledSeq !== 0;
  emit(d, {
    type: 'attempt.ended',
    step: step.id,
    n: attempt.n,
    fault: input.fault,
    cost: cost(attempt, input),
    late: late ? true : undefined,
    data: input.data,
    labels: input.labels,
  });
  if (input.cost !== undefined) noteOverrun(d, step.id);
  if (attempt.effect !== 'pure' || input.cost?.money !== undefined) d.barrier = true;
  if (late) d.todo.push({ to: 'end' });
  else if (input.fault === undefined) d.todo.push({ to: 'agree', step: step.id });
  else d.todo.push({ to: 'heal', step: step.id, n: attempt.n, fault: input.fault });
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

/** A reported cost counts; without one the price does, except where the agent never took the call. */
function cost(attempt: AttemptState, input: AnswerInput): AttemptState['held'] {
  if (input.cost !== undefined) return input.cost;
  if (attempt.held === undefined) return undefined;
  const refused =
    input.fault?.code === 'agent.busy' || input.fault?.code === 'agent.refused' || input.fault?.code === 'overloaded';
  return refused ? undefined : attempt.held;
}
