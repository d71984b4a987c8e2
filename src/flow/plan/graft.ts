/**
 * Plan: the answer to a plan step is a sub-plan. Checked, it is grafted in: its steps stand in the scope
 * of the step, which settles with what they give. Nothing outside of it changes.
 */
import type { Json } from '../../base/index.ts';
import {
  checkBody,
  type Deciding,
  emit,
  type Finding,
  type PlanBody,
  readBody,
  type RunState,
  type SettleWith,
  type StepState,
} from '../../model/index.ts';
import { scopeOf } from '../../base/index.ts';
import { findScope, type Scope } from './scope.ts';

/** A planner's answer is a way to do one step: one that is longer has lost its thread. Steps inside of steps count. */
const MAX_GRAFTED = 1_000;

/** True when the answer was a plan, and is now to be worked. */
export function graft(d: Deciding, step: StepState, how: SettleWith): boolean {
  if (step.kind !== 'plan' || how.out !== 'ok' || how.from === undefined || step.graft !== undefined) return false;
  const attempt = step.attempts?.find((a) => a.n === how.from);
  const { body, problems } = readGraft(d.state, step, attempt?.output);
  if (body === undefined || problems.length > 0) return false;
  const data = body as unknown as Json;
  emit(d, { type: 'plan.grafted', step: step.id, data, labels: attempt?.labels });
  d.todo.push({ to: 'advance', scope: step.id });
  return true;
}

export function readGraft(
  state: RunState,
  step: StepState,
  answer: Json | undefined,
): { body?: PlanBody; problems: Finding[] } {
  const { body, findings } = readBody(answer);
  if (body === undefined || findings.length > 0) return { problems: findings };
  const count = countIn(body);
  if (count > MAX_GRAFTED) {
    const message = `it has ${count} steps: a planner's answer has at most ${MAX_GRAFTED}`;
    return { problems: [{ code: 'shape', place: 'steps', message, todo: 'Let some of its steps be of kind `plan`.' }] };
  }
  const around: string[] = [];
  for (let at: Scope | undefined = findScope(state, scopeOf(step.id)); at !== undefined; at = at.outer)
    around.push(...at.body.byName.keys());
  return { body, problems: checkBody(body, { around }) };
}

function countIn({ steps }: PlanBody): number {
  let count = steps.length;
  for (const { body, spec } of steps) {
    if (body !== undefined) count += countIn(body);
    for (const way of spec?.alternatives ?? []) count += countIn(way.body);
  }
  return count;
}
