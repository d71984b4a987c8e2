/** Attempt: the facts about a skill are there; steps that waited for them begin. */
import { type Deciding, goalSkill, judgeSkill, type StepState } from '../../model/index.ts';
import { diedWithWorker, mayTryAgain } from './limits.ts';
import { waits } from './waits.ts';

/** only: the facts were found for this step alone. */
export function found(d: Deciding, skill: string, only?: string): void {
  for (const id of only === undefined ? d.state.open : [only]) {
    const step = d.state.steps.get(id)!;
    const chooses = step.spec.alternatives !== undefined && step.way === undefined;
    const wants = chooses || goalSkill(step, step.lesser) === skill || isJudgedBy(step, skill);
    if (!isCall(step) || !wants || waits(d, step)) continue;
    d.todo.push({ to: 'begin', step: id, ...after(step) });
  }
}

/** Its panel is not open yet, and may wait for those who judge. */
function isJudgedBy(step: StepState, skill: string): boolean {
  return step.panel === undefined && step.spec.agree !== undefined && judgeSkill(step.spec.agree) === skill;
}

function isCall(step: StepState): boolean {
  return step.graft === undefined && (step.kind === 'ask' || step.kind === 'effect' || step.kind === 'plan');
}

/**
 * Where the last attempt left it. A fault that allows the same again had its wait already; a call that is
 * known not to have happened (failed, without a fault) is made again where it was to be made.
 */
export function after(step: StepState): { why?: 'retry' | 'again' | 'elsewhere'; agent?: string } {
  const last = step.attempts?.findLast((attempt) => attempt.lesser === step.lesser);
  if (last === undefined) return step.tries === undefined ? {} : { why: 'again' };
  if (last.fault === undefined || diedWithWorker(last)) return { why: 'again', agent: last.agent };
  return last.fault.retry === 'same' && mayTryAgain(step, last)
    ? { why: 'retry', agent: last.agent }
    : { why: 'elsewhere' };
}
