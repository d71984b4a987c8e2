/** Checks on workflows as data, against the plan as it was written: no step before what it comes after. */
import { escapeKey, scopeOf } from '../../base/index.ts';
import type { Event, EventOf, PlanBody, PlanEdge, PlanStep, RunState, StepState } from '../../model/index.ts';
import type { EventChecking } from './check-events.ts';
import type { RunView } from './views.ts';

/** Before the event is folded into `view.state`. */
export function checkPlanned(c: EventChecking, view: RunView, event: Event): void {
  const { run, state } = view;
  if (state.plan === undefined) return;
  if (event.type === 'step.asked' && !state.steps.has(event.step)) {
    const def = defOf(state.plan, state, event.step);
    if (def !== undefined && !mayRun(state, scopeOf(event.step), def))
      c.findings.add('plan.order', run, `${event.step} is asked before what it comes after`);
  }
  if (event.type === 'run.ended' && event.outcome === 'completed')
    for (const { name } of state.plan.steps)
      if (state.steps.get(name)?.settledSeq === undefined || state.steps.get(name)?.settledSeq === 0)
        c.findings.add('plan.order', run, `it completed, and ${name} is not over`);
}

/** Where it stands in the plan; undefined of steps of sub-plans and of declared ways. */
export function defOf(body: PlanBody, state: RunState, id: string): PlanStep | undefined {
  let at: PlanBody | undefined = body;
  let def: PlanStep | undefined;
  let path = '';
  const parts = id.split('/');
  for (let i = 0; i < parts.length; i += 2) {
    def = at?.steps.find(({ name }) => name === parts[i]);
    if (def === undefined) return undefined;
    path = path === '' ? parts[i]! : `${path}/${parts[i]}`;
    if (i === parts.length - 1) return def;
    // The next part is the key of a round.
    const keys = state.steps.get(path)?.spec.branches?.map(escapeKey);
    if (def.kind === 'map' ? keys?.includes(parts[i + 1]!) !== true : def.kind !== 'loop') return undefined;
    path = `${path}/${parts[i + 1]}`;
    at = def.body;
  }
  return undefined;
}

/** What a step of a plan came after: those that had ended as it wants them, the first ones where it races, and no others. */
export function checkEdges(c: EventChecking, { run, state }: RunView, event: EventOf<'join.frozen'>): void {
  const def = state.plan === undefined ? undefined : defOf(state.plan, state, event.step);
  if (def === undefined || c.edited(run)) return;
  const scope = scopeOf(event.step);
  const at = (edge: PlanEdge): number => before(state, scope, edge)?.settledSeq ?? 0;
  const good = goodOf(state, scope, def).toSorted((a, b) => at(a) - at(b));
  const { join = 'all' } = def;
  const most = join === 'any' ? 1 : typeof join === 'object' ? join.atLeast : good.length;
  const wanted = good.slice(0, most).map(({ step }) => step);
  if (wanted.join() !== event.inputs.join())
    c.findings.add('join.frozen', run, `${event.step} came after ${event.inputs.join()} instead of ${wanted.join()}`);
}

function before(state: RunState, scope: string, edge: PlanEdge): StepState | undefined {
  return state.steps.get(scope === '' ? edge.step : `${scope}/${edge.step}`);
}

/** The edges that hold. */
function goodOf(state: RunState, scope: string, def: PlanStep): PlanEdge[] {
  return (def.after ?? []).filter((edge) => {
    const step = before(state, scope, edge);
    if ((step?.settledSeq ?? 0) === 0) return false;
    return edge.when === 'completion' || step?.out === (edge.when === 'failure' ? 'failed' : 'ok');
  });
}

function mayRun(state: RunState, scope: string, def: PlanStep): boolean {
  const edges = def.after ?? [];
  const isOver = (edge: PlanEdge): boolean => (before(state, scope, edge)?.settledSeq ?? 0) !== 0;
  const good = goodOf(state, scope, def);
  if (def.join === 'settled') return edges.every(isOver);
  if (def.join === undefined || def.join === 'all') return good.length === edges.length;
  return good.length >= (def.join === 'any' ? 1 : def.join.atLeast);
}
