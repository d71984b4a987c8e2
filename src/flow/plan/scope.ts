/**
 * Scopes of a plan: '' is the plan itself; `map/key` and `loop/turn` are one round of a body; the scope
 * of a grafted plan is the id of the step whose answer it was. A scope is known by its path alone.
 */
import { escapeKey, type Json, scopeOf } from '../../base/index.ts';
import {
  aroundOf,
  ERASED,
  isErased,
  isErasedPlan,
  type PlanStep,
  type RunState,
  type StepState,
} from '../../model/index.ts';
import { type Body, bodyOf } from './body.ts';

export interface Scope {
  path: string;
  body: Body;
  /** The map, loop or plan step it belongs to, and the scope that step stands in; none at the top. */
  owner?: StepState;
  def?: PlanStep;
  outer?: Scope;
}

/** Undefined when the plan knows no such scope, or it is over, or nobody can tell since the plan was erased. */
export function findScope(state: RunState, path: string): Scope | undefined {
  if (path === '')
    return state.plan === undefined || isErasedPlan(state.plan) ? undefined : { path, body: bodyOf(state.plan) };
  if (state.plan === undefined && state.hasWays !== true) return undefined;
  const owner = aroundOf(state, path);
  if (owner === undefined || owner.settledSeq !== 0) return undefined;
  const outer = findScope(state, scopeOf(owner.id));
  const def = outer?.body.byName.get(nameOf(owner.id));
  // A declared way may stand in a step that code asked for, and needs nothing around it.
  if (owner.way !== undefined && owner.id === path)
    return owner.graft && { path, body: bodyOf(owner.graft), owner, def, outer };
  if (outer === undefined || def === undefined || def.kind !== owner.kind) return undefined;
  const inside = owner.id === path ? owner.graft : def.body;
  if (inside === undefined || isErasedPlan(inside) || !isLive(owner, path)) return undefined;
  return { path, body: bodyOf(inside), owner, def, outer };
}

function isLive(owner: StepState, path: string): boolean {
  if (owner.kind === 'loop') return path === turnScope(owner);
  return owner.kind === 'plan' || itemOf(owner, path) !== undefined;
}

export function idIn(scope: { path: string }, name: string): string {
  return scope.path === '' ? name : `${scope.path}/${name}`;
}

export function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** The turn that a loop is at. */
export function turnOf(loop: StepState): number {
  return (loop.turn ?? 0) + 1;
}

export function turnScope(loop: StepState): string {
  return `${loop.id}/${turnOf(loop)}`;
}

export function branchScope(map: StepState, key: string): string {
  return `${map.id}/${escapeKey(key)}`;
}

const places = new WeakMap<readonly string[], Map<string, number>>();

/** Which item a map's scope is about; undefined when it has ended or there is none. */
export function itemOf(map: StepState, path: string): { key: string; index: number; item: Json } | undefined {
  const keys = map.spec.branches ?? [];
  let place = places.get(keys);
  if (place === undefined) places.set(keys, (place = new Map(keys.map((key, index) => [escapeKey(key), index]))));
  const index = place.get(nameOf(path));
  const key = index === undefined ? undefined : keys[index];
  if (index === undefined || key === undefined || map.branches?.has(key)) return undefined;
  return { key, index, item: itemAt(map.input, index) };
}

/** An erased list is no list any more. */
function itemAt(list: Json | undefined, index: number): Json {
  return isErased(list) ? ERASED : ((list as Json[] | undefined)?.[index] ?? null);
}

/** The step of this name as it stands in this scope or one around it. */
export function stepNamed(state: RunState, scope: Scope, name: string): { id: string; step?: StepState } | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    if (!at.body.byName.has(name)) continue;
    const id = idIn(at, name);
    return { id, step: state.steps.get(id) };
  }
  return undefined;
}
