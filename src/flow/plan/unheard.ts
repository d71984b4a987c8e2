/**
 * Plan: agents that asked a person and will hear no answer. What they hold for it need not wait for ever: each is
 * told, once nobody will say anything more to it.
 */
import type { FaultData } from '../../base/index.ts';
import {
  type AttemptState,
  type Deciding,
  effectKey,
  goalSkill,
  questionKey,
  type StepState,
} from '../../model/index.ts';

/** Nobody waits for this step any more. `denied`: a person would not answer. */
export function leaveQuestions(d: Deciding, step: StepState, denied: boolean): void {
  for (const attempt of step.attempts ?? [])
    if (isLeft(step, attempt)) leaveQuestion(d, step, attempt, attempt.fault, denied);
}

export function leaveQuestion(
  d: Deciding,
  step: StepState,
  attempt: AttemptState,
  fault: FaultData | undefined,
  denied: boolean,
): void {
  const question = questionKey(fault);
  if (question === undefined) return;
  d.barrier = true;
  d.commands.push({
    do: 'leaveQuestion',
    step: step.id,
    n: attempt.n,
    agent: attempt.agent,
    skill: attempt.ask?.skill ?? goalSkill(step, attempt.lesser),
    key: effectKey(d.state, step),
    question,
    denied,
  });
}

/** It asked, and no call made to it since has come further or is on its way. */
function isLeft(step: StepState, { agent, n, fault }: AttemptState): boolean {
  if (questionKey(fault) === undefined) return false;
  const since = step.attempts!.filter((one) => one.agent === agent && one.n > n);
  return since.every((one) => one.status === 'failed' && questionKey(one.fault) === undefined);
}
