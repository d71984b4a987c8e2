/**
 * May a step run? From its edges, its join and its conditions, and from nothing else.
 *
 * W1  `success` holds when the step before it gave a result, `failure` when it failed, `completion` when it
 *     is over in any way. An edge whose step is over and does not hold never will.
 * W2  any and atLeast take the first that succeeded; what comes later does not count.
 * W3  A step that can no longer run is skipped, with the cause.
 */
import { compileExpr, holds, type PlanEdge, type PlanStep, type RunState } from '../../model/index.ts';
import { edgesOf } from './body.ts';
import { idIn, type Scope } from './scope.ts';
import { type Joined, usable, varsFor } from './values.ts';

export type Verdict = { may: 'wait' } | { may: 'run'; joined: Joined } | { may: 'skip'; cause: string };

const WAIT: Verdict = { may: 'wait' };
const FREE: Verdict = { may: 'run', joined: { edges: [], inputs: [] } };

export function verdictOn(state: RunState, scope: Scope, step: PlanStep): Verdict {
  const edges = edgesOf(step);
  const verdict = edges.length === 0 ? FREE : joinEdges(state, scope, step, edges);
  if (verdict.may !== 'run' || step.if === undefined) return verdict;
  const vars = varsFor(state, scope, compileExpr(step.if).refs, verdict.joined);
  return holds(step.if, vars) ? verdict : { may: 'skip', cause: `its condition '${step.if}' is false` };
}

function joinEdges(state: RunState, scope: Scope, step: PlanStep, edges: readonly PlanEdge[]): Verdict {
  const mode = step.join ?? 'all';
  const good: { name: string; seq: number }[] = [];
  let dead: { cause: string; seq: number } | undefined;
  let open = 0;
  for (const edge of edges) {
    const before = usable(state.steps.get(idIn(scope, edge.step)));
    if (before === undefined) {
      open++;
      continue;
    }
    const cause = against(state, scope, edge, before.out ?? 'cancelled');
    if (cause === undefined) good.push({ name: edge.step, seq: before.settledSeq });
    else if (dead === undefined || before.settledSeq < dead.seq) dead = { cause, seq: before.settledSeq };
  }
  good.sort((a, b) => a.seq - b.seq);
  const names = edges.map((edge) => edge.step);
  const run = (count = good.length): Verdict => ({
    may: 'run',
    joined: { edges: names, inputs: good.slice(0, count).map((g) => g.name) },
  });
  if (mode === 'settled') return open > 0 ? WAIT : run();
  if (mode === 'all') return dead !== undefined ? { may: 'skip', cause: dead.cause } : open > 0 ? WAIT : run();
  const need = mode === 'any' ? 1 : mode.atLeast;
  if (good.length >= need) return run(need);
  if (good.length + open >= need) return WAIT;
  return {
    may: 'skip',
    cause: `at most ${good.length + open} of the ${need} that it needs can come: ${dead?.cause ?? ''}`,
  };
}

/** Why this edge does not hold; undefined when it does. */
function against(state: RunState, scope: Scope, edge: PlanEdge, out: string): string | undefined {
  const when = edge.when ?? 'success';
  const name = `'${edge.step}'`;
  if (when === 'success' && out !== 'ok') return `${name} ${out === 'failed' ? 'failed' : `was ${out}`}`;
  if (when === 'failure' && out !== 'failed') return `${name} did not fail`;
  if (edge.if === undefined) return undefined;
  const vars = varsFor(state, scope, compileExpr(edge.if).refs);
  return holds(edge.if, vars) ? undefined : `the condition '${edge.if}' after ${name} is false`;
}

/** A join that goes on without all of its inputs. */
export function isTolerant(step: PlanStep): boolean {
  return step.join !== undefined && step.join !== 'all';
}

/** A race: it goes on when enough have come, and the others are not needed any more. */
export function isRace(step: PlanStep): boolean {
  return isTolerant(step) && step.join !== 'settled';
}
