/** Checks on workflows as data, against the plan as it was written: no step before what it comes after. */
import { escapeKey, scopeOf } from '../../base/index.ts';
import type { Event, PlanBody, PlanEdge, PlanStep, RunState, StepState } from '../../model/index.ts';
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
function defOf(body: PlanBody, state: RunState, id: string): PlanStep | undefined {
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

function mayRun(state: RunState, scope: string, def: PlanStep): boolean {
  const edges = def.after ?? [];
  const before = (edge: PlanEdge): StepState | undefined =>
    state.steps.get(scope === '' ? edge.step : `${scope}/${edge.step}`);
  const isOver = (edge: PlanEdge): boolean => (before(edge)?.settledSeq ?? 0) !== 0;
  const good = edges.filter((edge) => {
    const out = before(edge)?.out;
    if (!isOver(edge)) return false;
    return edge.when === 'completion' || out === (edge.when === 'failure' ? 'failed' : 'ok');
  });
  if (def.join === 'settled') return edges.every(isOver);
  if (def.join === undefined || def.join === 'all') return good.length === edges.length;
  return good.length >= (def.join === 'any' ? 1 : def.join.atLeast);
}
