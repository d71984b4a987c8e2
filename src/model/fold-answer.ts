/** An agent's question to a person (`input.required`), and what came of it. */
import type { FaultData } from '../base/index.ts';
import type { EventOf } from './events.ts';
import type { StepState } from './state.ts';

/** By which the agent knows its question again. */
export function questionKey(fault: FaultData | undefined): string | undefined {
  const question = fault?.detail?.['question'] as { key?: unknown } | undefined;
  return fault?.code === 'input.required' && typeof question?.key === 'string' ? question.key : undefined;
}

/** True: it was an answer to an agent's question. Denied, the question stands as what the step ends with. */
export function foldAnswer(step: StepState, event: EventOf<'gate.answered'>): boolean {
  const key = questionKey(step.asked);
  if (step.at !== 'person' || key === undefined || event.attempt !== undefined) return false;
  if (event.choice === 'deny') return true;
  step.answers = { ...step.answers, [key]: event.choice === 'edit' ? (event.data ?? null) : {} };
  step.asked = undefined;
  step.at = 'asked';
  return true;
}
