/**
 * What is still ahead of a step under each deadline that binds it: its own, those of the steps around it, the run's.
 * Known are the steps that a plan or a declared way has yet to ask; what code will ask for is not.
 */
import { scopeOf } from '../../base/index.ts';
import {
  aroundOf,
  deadlineOf,
  ownDeadline,
  type PlanBody,
  type PlanStep,
  type RunState,
  type StepState,
} from '../../model/index.ts';
import { bodyOf, findScope, followers, idIn, longestPath, nameOf } from '../plan/index.ts';

export interface Bound {
  untilMs: number;
  /** What the calls ahead take before it, each with the quickest agent's measured p95, along the longest path. */
  aheadMs: number;
}

export function boundsOf(state: RunState, step: StepState): Bound[] {
  const bounds: Bound[] = [];
  if (deadlineOf(state, step) === undefined) return bounds;
  let aheadMs = 0;
  for (let at: StepState | undefined = step; at !== undefined; at = aroundOf(state, scopeOf(at.id))) {
    const untilMs = ownDeadline(at);
    if (untilMs !== undefined) bounds.push({ untilMs, aheadMs });
    aheadMs += afterMs(state, at);
  }
  if (state.deadlineMs !== undefined) bounds.push({ untilMs: state.deadlineMs, aheadMs });
  return bounds;
}

/** Skills of the steps that may be asked after this one, the first so many. */
export function skillsAhead(state: RunState, step: StepState, most: number): Set<string> {
  const skills = new Set<string>();
  const look = (def: PlanStep): void => {
    if (skills.size >= most) return;
    if (def.spec?.skill !== undefined) skills.add(def.spec.skill);
    def.body?.steps.forEach(look);
    for (const { body } of def.spec?.alternatives ?? []) body.steps.forEach(look);
  };
  for (let at: StepState | undefined = step; at !== undefined; at = aroundOf(state, scopeOf(at.id))) {
    const scope = findScope(state, scopeOf(at.id));
    const seen = new Set([nameOf(at.id)]);
    for (const name of seen)
      for (const def of scope === undefined ? [] : followers(scope.body, name)) {
        if (!seen.has(def.name)) look(def);
        seen.add(def.name);
      }
  }
  return skills;
}

/** After this step, up to the end of the scope that it stands in. */
function afterMs(state: RunState, step: StepState): number {
  const scope = findScope(state, scopeOf(step.id));
  if (scope === undefined) return 0;
  const { body, path } = scope;
  const name = nameOf(step.id);
  const next = (of: string): string[] => followers(body, of).map((def) => def.name);
  return longestPath([name], next, (of) => (of === name ? 0 : stepMs(state, path, body.byName.get(of)!)));
}

function stepMs(state: RunState, path: string, def: PlanStep): number {
  const step = state.steps.get(idIn({ path }, def.name));
  if (step !== undefined && step.settledSeq !== 0) return 0;
  const { spec } = def;
  switch (def.kind) {
    case 'ask':
    case 'effect':
    case 'plan': {
      const own = spec?.skill === undefined ? Infinity : callMs(state, def, step);
      const ways = (spec?.alternatives ?? []).map(({ body }) => bodyMs(state, body));
      const least = Math.min(own, ...ways);
      return least === Infinity ? 0 : least;
    }
    case 'wait':
      return spec?.waitMs ?? 0;
    case 'map':
    case 'loop':
      return def.body === undefined ? 0 : bodyMs(state, def.body);
    default:
      return spec?.takesMs ?? 0;
  }
}

/** Measured, or what the author says, or nothing. */
function callMs(state: RunState, { spec }: PlanStep, step: StepState | undefined): number {
  const view = step?.view ?? state.skills.get(spec?.skill ?? '');
  const measured = (view?.candidates ?? []).flatMap(({ p95Ms }) => (p95Ms === undefined ? [] : [p95Ms]));
  return measured.length === 0 ? (spec?.takesMs ?? 0) : Math.min(...measured);
}

/** All of a body, along its longest path: nothing of it has begun. */
function bodyMs(state: RunState, plan: PlanBody): number {
  const body = bodyOf(plan);
  const next = (of: string): string[] => followers(body, of).map((def) => def.name);
  const names = plan.steps.map((def) => def.name);
  return longestPath(names, next, (of) => stepMs(state, '\0', body.byName.get(of)!));
}
