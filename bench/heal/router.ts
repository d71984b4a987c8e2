/**
 * The yardstick: the published self-healing router, made again from its description. Weights on a tool graph, a
 * failed node costs infinity, Dijkstra from the start, at most three new paths, a model is asked when there is
 * none. It knows no AND-joins (they are gone through one by one) and no undo; what it reports is not what was.
 */
import { agentsOf, type Graph, isCall, type Scenario } from './graph.ts';
import type { Deed } from './play.ts';

/** Its breaker, and so its bound on new paths. */
const MOST_REROUTES = 3;

export interface Routed {
  reported: 'success' | 'escalated';
  /** Every call of its last path was made well. */
  whole: boolean;
  deeds: Deed[];
  cost: number;
  modelCalls: number;
}

interface PathCall {
  id: string;
  agent: string;
  cost: number;
  effect: string;
}

export function routeAndRun(scenario: Scenario): Routed {
  const known = new Set(scenario.failures.filter((one) => one.known).map((one) => one.agent));
  const failed = new Map<string, number>();
  const out = new Set(known);
  const deeds: Deed[] = [];
  let reroutes = 0;
  for (;;) {
    const path = cheapestPath(scenario.graph, out);
    const cost = () => deeds.reduce((sum, deed) => sum + deed.cost, 0);
    if (path === undefined) return { reported: 'escalated', whole: false, deeds, cost: cost(), modelCalls: 1 };
    const broken = path.find((call) => {
      if (deeds.some((deed) => deed.call === call.id && deed.agent === call.agent)) return false;
      if (isDown(scenario, call.agent, failed)) return true;
      const { id, agent, effect } = call;
      deeds.push({ step: id, call: id, agent, key: id, cost: call.cost, effect, undone: false });
      return false;
    });
    if (broken === undefined) return { reported: 'success', whole: true, deeds, cost: cost(), modelCalls: 0 };
    out.add(broken.agent);
    // It gives up here, and says that it succeeded.
    if (++reroutes > MOST_REROUTES) return { reported: 'success', whole: false, deeds, cost: cost(), modelCalls: 0 };
  }
}

function isDown(scenario: Scenario, agent: string, failed: Map<string, number>): boolean {
  const failure = scenario.failures.find((one) => one.agent === agent);
  if (failure === undefined) return false;
  const times = (failed.get(agent) ?? 0) + 1;
  failed.set(agent, times);
  return failure.calls === undefined || times <= failure.calls;
}

function cheapestPath(graph: Graph, out: ReadonlySet<string>): PathCall[] | undefined {
  let place = 0;
  const look = (at: Graph): PathCall[] | undefined => {
    if (isCall(at)) {
      const id = `t${place++}`;
      const best = agentsOf(at)
        .filter((one) => !out.has(one.agent))
        .sort((a, b) => a.cost - b.cost)[0];
      return best && [{ id, agent: best.agent, cost: best.cost, effect: at.effect ?? 'pure' }];
    }
    if ('any' in at) {
      const paths = at.any.map(look).filter((path) => path !== undefined);
      return paths.sort((a, b) => costOf(a) - costOf(b))[0];
    }
    const parts = ('seq' in at ? at.seq : at.all).map(look);
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
  };
  return look(graph);
}

function costOf(path: readonly PathCall[]): number {
  return path.reduce((sum, call) => sum + call.cost, 0);
}
