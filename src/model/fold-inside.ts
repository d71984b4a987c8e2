/** What stands inside of maps, joins, loops and grafted plans: scopes, branches, turns, and letting go of them. */
import { escapeKey, isOfStep, isWithin, scopeOf } from '../base/index.ts';
import type { EventOf } from './events.ts';
import { dropWants, foldForsaken } from './fold-budget.ts';
import { aroundOf, countSettled, skippedStep } from './plan-state.ts';
import type { RunState, StepState } from './state.ts';
import { childRunOf, hasCallOut, hasChildOut } from './state-facts.ts';
import { joinLabels, type StepKind } from './words.ts';

/** Only composites make scopes: the step that `a/b/c` stands inside of is `a`, or `a/b` when its answer is a plan. */
export function addInside(state: RunState, id: string): void {
  const scope = scopeOf(id);
  if (scope === '') return;
  const around = aroundOf(state, scope);
  if (around === undefined) return;
  const inside = (around.inside ??= new Map());
  const ids = inside.get(scope);
  if (ids === undefined) inside.set(scope, [id]);
  else ids.push(id);
}

/** A step that could never run is settled without having been asked. */
export function addSkipped(state: RunState, event: EventOf<'step.skipped'>): void {
  if (event.kind === undefined || state.steps.has(event.step)) return;
  state.steps.set(event.step, skippedStep(state, event.step, event.kind));
  addInside(state, event.step);
}

export function foldBranch(state: RunState, event: EventOf<'branch.ended'>): void {
  const step = state.steps.get(event.step);
  if (step === undefined) return;
  step.branches ??= new Map();
  step.branches.set(event.branch, {
    out: event.out,
    output: event.data,
    labels: event.labels,
    fault: event.fault,
  });
  if (event.out === 'ok') step.branchesOk = (step.branchesOk ?? 0) + 1;
  if (event.out !== 'ok') step.branchFailed ??= event.branch;
  // What a map's item was worked with is never asked again; a join's branches share variables.
  if (step.kind === 'map') dropScope(state, step, `${step.id}/${escapeKey(event.branch)}`);
}

/** What a map or join gives: outputs in the order of its branches, or an object by name for a join. */
export function joinedOutput(step: StepState): StepState['output'] {
  const branches = step.branches ?? new Map();
  const keys = step.spec.branches ?? [...branches.keys()];
  const settled = step.spec.join === 'settled';
  const outputs = keys.map((key) => {
    const branch = branches.get(key);
    if (!settled) return branch?.out === 'ok' ? (branch.output ?? null) : null;
    return branch?.out === 'ok'
      ? { ok: true, value: branch.output ?? null }
      : { ok: false, fault: { ...branch?.fault } };
  });
  const chosen = new Set(step.frozen ?? keys);
  if (step.kind === 'map') return outputs.filter((_, i) => chosen.has(keys[i]));
  return Object.fromEntries(keys.map((key, i) => [key, outputs[i]!] as const).filter(([key]) => chosen.has(key)));
}

/** Those of the branches that count, whatever order they ended in. */
export function branchLabels(step: StepState): string[] | undefined {
  let labels = step.labels;
  for (const key of step.frozen ?? step.branches?.keys() ?? [])
    labels = joinLabels(labels, step.branches?.get(key)?.labels);
  return labels;
}

/** The join is decided, and these branches were cut short: what they did is wanted as little as what lands too late. */
export function noteLosers(state: RunState, step: StepState): void {
  if (state.effects.length === 0 || step.out === 'cancelled' || (step.kind !== 'join' && step.kind !== 'map')) return;
  const cut = (step.spec.branches ?? []).filter((key) => step.branches?.has(key) !== true);
  const scopes = cut.map((key) => `${step.id}/${escapeKey(key)}`);
  for (const done of state.effects)
    if (done.state === 'done' && scopes.some((scope) => isWithin(done.step, scope))) done.unwanted = true;
}

export function foldTurned(state: RunState, event: EventOf<'loop.turned'>): void {
  const step = state.steps.get(event.step);
  if (step === undefined) return;
  step.turn = event.turn;
  // An erased list is no list any more.
  step.carry = event.first !== undefined && Array.isArray(event.data) ? event.data.at(-1) : event.data;
  step.labels = joinLabels(step.labels, event.labels);
  dropInside(state, step);
}

/** Steps inside a settled scope are never asked again: their place is the journal. */
export function dropInside(state: RunState, step: StepState): void {
  if (step.inside === undefined) return;
  for (const scope of step.inside.keys()) dropScope(state, step, scope);
  step.inside = undefined;
}

function dropScope(state: RunState, step: StepState, scope: string): void {
  const ids = step.inside?.get(scope);
  if (ids === undefined) return;
  for (const id of ids) {
    const inner = state.steps.get(id);
    if (inner === undefined || hasCallOut(inner) || hasChildOut(inner)) continue;
    dropInside(state, inner);
    dropWants(state, id);
    state.open.delete(id);
    state.steps.delete(id);
  }
  step.inside?.delete(scope);
  state.settledIn.delete(scope);
}

/** The code or the plan does without it. */
export function foldOrphaned(state: RunState, id: string): void {
  const step = state.steps.get(id);
  if (step === undefined) return;
  // Calls still out have to come back first, to be billed, and undone if need be.
  if (hasCallOut(step) || leftInside(state, step).some(hasCallOut)) return;
  state.drifting?.delete(id);
  if (!hasDone(state, step)) return takeAway(state, step);
  // A later plan may have it again: what it did is not to be done twice.
  step.orphaned = true;
  step.driftHash = undefined;
  step.drifted = undefined;
}

/** It has effects in the books, or it ended well and a child run did, which has books of its own. */
export function hasDone(state: RunState, { id, out }: StepState): boolean {
  if (state.effects.some((e) => e.state !== 'undone' && isOfStep(e.step, id))) return true;
  if (out !== 'ok' || state.children === undefined) return false;
  const first = childRunOf(state, id);
  for (const child of state.children) if (child === first || child.startsWith(`${first}.`)) return true;
  return false;
}

/** It may be asked again, as if for the first time: what it holds of ours in child runs comes back when they end. */
export function takeAway(state: RunState, step: StepState): void {
  dropInside(state, step);
  if (step.settledSeq !== 0) countSettled(state, step.id, -1);
  for (const one of [step, ...leftInside(state, step)]) {
    if (one !== step && hasCallOut(one)) continue;
    dropWants(state, one.id);
    foldForsaken(state, one);
    state.open.delete(one.id);
    state.steps.delete(one.id);
  }
}

const SCOPED: ReadonlySet<StepKind> = new Set<StepKind>(['map', 'join', 'loop', 'plan']);

/** What stayed when the scopes inside were let go of: it has calls out, or a child run. */
function leftInside({ steps }: RunState, { id, kind, spec }: StepState): StepState[] {
  const isScope = SCOPED.has(kind) || spec.alternatives !== undefined;
  return isScope ? [...steps.values()].filter((one) => isWithin(one.id, id)) : [];
}
