/** Plan: all steps of a scope are settled. What it gives goes to what it belongs to: branch, turn, graft or run. */
import { type FaultData, type Json, toFault, faultToData } from '../../base/index.ts';
import { compileTemplate, type Deciding, type RunState, type StepState } from '../../model/index.ts';
import { answerProblem } from './answer.ts';
import { edgesOf, followers } from './body.ts';
import { turnOver } from './inside.ts';
import { idIn, itemOf, type Scope } from './scope.ts';
import { labelsOf, varsFor } from './values.ts';
import { isTolerant } from './verdict.ts';

export interface Given {
  data?: Json;
  labels?: string[];
  fault?: FaultData;
}

export function scopeOver(d: Deciding, scope: Scope): void {
  const { state } = d;
  const given = outcomeOf(state, scope);
  const { owner } = scope;
  if (owner === undefined) return void d.todo.push({ to: 'return', ...given });
  const out = given.fault === undefined ? 'ok' : 'failed';
  if (owner.kind === 'loop') turnOver(d, scope, given);
  else if (owner.kind === 'map') {
    const item = itemOf(owner, scope.path);
    if (item !== undefined) d.todo.push({ to: 'branch', step: owner.id, branch: item.key, out, ...given });
  } else if (owner.way !== undefined) wayOver(d, owner, given);
  else d.todo.push({ to: 'settle', step: owner.id, out, ...given });
}

/** A declared way gives what the step would have given, or another is looked for. */
function wayOver(d: Deciding, owner: StepState, given: Given): void {
  const fault = given.fault ?? answerProblem(d.state, owner, given.data);
  if (fault === undefined) d.todo.push({ to: 'settle', step: owner.id, out: 'ok', ...given });
  else d.todo.push({ to: 'heal', step: owner.id, fault, way: owner.way });
}

function outcomeOf(state: RunState, scope: Scope): Given {
  const fault = unhandled(state, scope);
  if (fault !== undefined) return { fault };
  try {
    const template = compileTemplate(scope.body.output);
    return {
      data: template.fill(varsFor(state, scope, template.refs)),
      labels: labelsOf(state, scope, template.refs),
    };
  } catch (thrown) {
    return { fault: faultToData(toFault(thrown, 'plan.invalid')) };
  }
}

/** The first failure that no later step took up: by an edge for failures, or a join that does without. */
function unhandled(state: RunState, scope: Scope): FaultData | undefined {
  let first: { seq: number; fault: FaultData } | undefined;
  for (const def of scope.body.steps) {
    const step = state.steps.get(idIn(scope, def.name));
    if (step?.out !== 'failed' || (first !== undefined && first.seq < step.settledSeq)) continue;
    const handled = followers(scope.body, def.name).some((next) => {
      const after = state.steps.get(idIn(scope, next.name));
      if (after === undefined || after.out === 'skipped') return false;
      return isTolerant(next) || edgesOf(next).some((e) => e.step === def.name && (e.when ?? 'success') !== 'success');
    });
    if (handled) continue;
    const fault = step.fault ?? { code: 'step.failed', retry: 'never', message: `step '${step.id}' failed` };
    first = {
      seq: step.settledSeq,
      fault: { ...fault, detail: { ...fault.detail, step: fault.detail?.step ?? step.id } },
    };
  }
  return first?.fault;
}
