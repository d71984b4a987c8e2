/**
 * Plan: another plan for a run under way. Parts not started change at once; what stands is kept.
 *
 * R1  A renamed step (`was`) keeps all it has.
 * R2  A step that is gone from the plan is cancelled if it is open, and orphaned; its undo is kept.
 * R3  What else stands is compared with what would be asked now (recheck.ts).
 */
import { scopeOf } from '../../base/index.ts';
import {
  checkBody,
  type Deciding,
  emit,
  faultData,
  type Input,
  presentId,
  type RunState,
  type StepState,
} from '../../model/index.ts';
import { rearmRenamed } from './release.ts';
import { findScope, idIn, nameOf, type Scope, turnScope } from './scope.ts';

export function replan(d: Deciding, input: Extract<Input, { in: 'replan' }>): void {
  const { state } = d;
  const { hash, plan } = input.plan;
  if (state.plan === undefined || state.phase !== 'running' || state.cancelling !== undefined) return;
  if (state.planHash === hash) return;
  d.barrier = true;
  const problems = checkBody(plan, { around: [] });
  if (problems.length > 0) {
    const text = problems.map((p) => `${p.place}: ${p.message}`).join('; ');
    const fault = faultData('plan.invalid', `the new plan is refused: ${text}`, 'never', { problems });
    const data = plan as unknown as typeof state.input;
    emit(d, { type: 'letter.refused', id: `replan:${hash}`, what: 'replan', by: input.by, fault, data });
    return;
  }
  const before = { ...state };
  emit(d, { type: 'run.planned', hash, by: input.by, data: plan as unknown as typeof state.input });
  mend(d, '', before);
  d.todo.push({ to: 'replanned', redo: [] });
}

/** Renames and removals, from the top down. */
function mend(d: Deciding, path: string, before: RunState): void {
  const { state } = d;
  const scope = findScope(state, path);
  if (scope === undefined) return;
  const { byName } = scope.body;
  for (const def of scope.body.steps) {
    const id = idIn(scope, def.name);
    if (state.steps.has(id)) continue;
    const was = def.was === undefined ? takenBack(state, before, scope, def.name) : idIn(scope, def.was);
    if (byName.has(nameOf(was)) || scopeOf(was) !== scopeOf(id) || !state.steps.has(was)) continue;
    emit(d, { type: 'step.renamed', step: id, was });
    rearmRenamed(d, id, was);
  }
  for (const step of stepsIn(state, scope)) {
    const def = byName.get(nameOf(step.id));
    if (step.settledSeq !== 0) continue;
    if (def === undefined) {
      const fault = faultData('step.cancelled', 'it is no longer in the plan');
      d.todo.push({ to: 'settle', step: step.id, out: 'cancelled', fault });
    } else for (const inner of scopesOf(step)) mend(d, inner, before);
  }
}

/** A plan that is taken back has the former names, and says nothing of it. */
function takenBack(state: RunState, before: RunState, scope: Scope, name: string): string {
  const id = idIn(scope, name);
  const known = presentId(state, id);
  if (known !== id) return known;
  // What was asked for only when it had another name is in the journal under that alone: the plan before says whose it was.
  const then = findScope(before, scope.path)?.body.steps.find(({ was }) => was === name);
  return then === undefined ? id : idIn(scope, then.name);
}

/** All that had to stop has stopped: what is gone is orphaned, what is to be redone is free, and all goes on. */
export function replanned(d: Deciding, redo: readonly string[]): void {
  const { state } = d;
  for (const id of redo)
    if (state.steps.get(id)?.out === 'cancelled') emit(d, { type: 'step.redone', step: id, why: 'input' });
  for (const scope of liveScopes(state)) {
    // What stands beside a declared way is of the ways before it: that they failed must stay known.
    for (const step of scope.owner?.way === undefined ? stepsIn(state, scope) : [])
      if (step.settledSeq !== 0 && step.orphaned !== true && !scope.body.byName.has(nameOf(step.id)))
        emit(d, { type: 'step.orphaned', step: step.id });
    d.todo.push({ to: 'advance', scope: scope.path });
    if (scope.owner?.kind === 'map') d.todo.push({ to: 'inside', step: scope.owner.id });
  }
}

function liveScopes(state: RunState): Scope[] {
  const found: Scope[] = [];
  const paths = [''];
  for (let i = 0; i < paths.length; i++) {
    const scope = findScope(state, paths[i]!);
    if (scope === undefined) continue;
    found.push(scope);
    for (const step of stepsIn(state, scope)) if (step.settledSeq === 0) paths.push(...scopesOf(step));
  }
  return found;
}

/** The scopes that are open inside of a step. */
function scopesOf(step: StepState): string[] {
  if (step.kind === 'loop') return [turnScope(step)];
  if (step.kind === 'plan') return step.graft === undefined ? [] : [step.id];
  return [...(step.inside?.keys() ?? [])];
}

function stepsIn(state: RunState, scope: Scope): StepState[] {
  const ids = scope.path === '' ? state.steps.keys() : new Set(scope.owner?.inside?.get(scope.path));
  const found: StepState[] = [];
  for (const id of ids) {
    const step = state.steps.get(id);
    if (step !== undefined && scopeOf(id) === scope.path) found.push(step);
  }
  return found;
}
