/** Plan: does an answer fit what the plan says about the step? */
import { type FaultData, type Json, scopeOf } from '../../base/index.ts';
import {
  erasedData,
  faultData,
  isErased,
  isScheduled,
  type PlanStep,
  type RunState,
  schemaProblem,
  type StepState,
} from '../../model/index.ts';
import { readGraft } from './graft.ts';
import { findScope, nameOf } from './scope.ts';

export function defOf(state: RunState, id: string): PlanStep | undefined {
  return findScope(state, scopeOf(id))?.body.byName.get(nameOf(id));
}

/** What the plan wants a step's answer to fit. */
export function outputSchema(state: RunState, step: string): Json | undefined {
  return state.plan === undefined ? undefined : defOf(state, step)?.output;
}

/** A plan step must answer with a plan; what other steps give must fit their `returns`. */
export function answerProblem(state: RunState, step: StepState, data: Json | undefined): FaultData | undefined {
  if (!isScheduled(state, step.id)) return undefined;
  const schema = defOf(state, step.id)?.output;
  const isChecked = step.kind === 'plan' || schema !== undefined;
  if (isChecked && isErased(data)) return erasedData(`the answer to '${step.id}'`);
  if (step.kind === 'plan') {
    const { problems } = readGraft(state, step, data);
    if (problems.length === 0) return undefined;
    const text = problems.map((p) => `${p.place}: ${p.message}`).join('; ');
    return faultData('output.invalid', `the answer to '${step.id}' is no plan: ${text}`, 'elsewhere', { problems });
  }
  const problem = schema === undefined ? undefined : schemaProblem(schema, data);
  return problem === undefined
    ? undefined
    : faultData('output.invalid', `the answer to '${step.id}' does not fit its schema: ${problem}`, 'elsewhere');
}
