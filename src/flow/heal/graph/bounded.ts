/**
 * The cheapest way that a budget and a deadline still allow. Costs under two bounds are a hard problem; this
 * looks at the cheapest, and as long as it is over a bound makes that resource dearer and looks again.
 */
import { deadlineOf, type RunState, type StepState } from '../../../model/index.ts';
import { bodyOf, edgesOf, followers, longestPath } from '../../plan/index.ts';
import { cheapest, solve } from './and-or.ts';
import { type Frontier, restOf, type Takes } from './frontier.ts';

/** Prices of a resource that are tried, as multiples of the sum of all weights: from nothing to nothing else. */
const DEARER = [0, 0.25, 1, 4, 16, 1_000] as const;

export interface Best {
  node: number;
  costs: Float64Array;
}

/** Undefined: no way is open at all. One that is over a bound is better than none: bounds are estimates. */
export function bestWithin(frontier: Frontier, left: Partial<Takes>): Best | undefined {
  const { graph, root } = frontier;
  const plain = solve(graph);
  if (plain[root] === Infinity) return undefined;
  const first = { node: childOf(frontier, plain), costs: plain };
  if (left.money === undefined && left.timeMs === undefined) return first;
  const all = [...frontier.takes.values()];
  const scale = { money: mean(all.map((t) => t.money)), timeMs: mean(all.map((t) => t.timeMs)) };
  const weight = mean([...frontier.takes.keys()].map((leaf) => graph.weight[leaf]!));
  for (const money of left.money === undefined ? [0] : DEARER)
    for (const time of left.timeMs === undefined ? [0] : DEARER) {
      const priced = graph.weight.map((own, leaf) => {
        const takes = frontier.takes.get(leaf);
        if (takes === undefined) return own;
        return own + weight * ((money * takes.money) / scale.money + (time * takes.timeMs) / scale.timeMs);
      });
      const costs = solve({ ...graph, weight: priced });
      const node = childOf(frontier, costs);
      const total = totalOf(frontier, costs, node);
      if (total.money <= (left.money ?? Infinity) + 1e-9 && total.timeMs <= (left.timeMs ?? Infinity))
        return { node, costs: money + time === 0 ? plain : costs };
    }
  return first;
}

function mean(all: number[]): number {
  const sum = all.reduce((a, b) => a + b, 0);
  return sum === 0 ? 1 : sum / all.length;
}

function childOf(frontier: Frontier, costs: Float64Array): number {
  return cheapest(frontier.graph.children[frontier.root]!, costs, 1)[0]!;
}

/** What the chosen way takes: money adds up, time along the longest path. */
function totalOf(frontier: Frontier, costs: Float64Array, node: number): Takes {
  const { graph, takes, bodies } = frontier;
  const own = takes.get(node);
  if (own !== undefined) return own;
  const inBody = bodies.get(node);
  const parts = cheapest(graph.children[node]!, costs, graph.need[node]!);
  const totals = new Map(parts.map((part) => [part, totalOf(frontier, costs, part)]));
  const money = [...totals.values()].reduce((sum, one) => sum + one.money, 0);
  if (inBody === undefined) return { money, timeMs: [...totals.values()].reduce((sum, one) => sum + one.timeMs, 0) };
  const { body, steps } = inBody;
  const timeOf = (name: string) => totals.get(steps.get(name) ?? -1)?.timeMs ?? 0;
  return {
    money,
    timeMs: longestPath(
      body.steps.map((def) => def.name),
      (name) => before(body, name),
      timeOf,
    ),
  };
}

function before(body: Parameters<typeof bodyOf>[0], name: string): string[] {
  const def = bodyOf(body).byName.get(name);
  return def === undefined ? [] : edgesOf(def).map((edge) => edge.step);
}

/** What this step may still take of the run's money and time: what the rest needs at least is kept back. */
export function leftFor(state: RunState, step: StepState): Partial<Takes> {
  const { limit, spent, held } = state.budget;
  const inside = deadlineOf(state, step) ?? Infinity;
  const { deadlineMs = Infinity } = state;
  const left: Partial<Takes> = {};
  if (limit?.money === undefined && inside === Infinity) return left;
  const rest = restOf(state, step);
  if (limit?.money !== undefined) {
    const costs = solve({
      ...rest.graph,
      weight: rest.graph.weight.map((_, leaf) => rest.takes.get(leaf)?.money ?? 0),
    });
    const needed = costs[rest.root]!;
    left.money = limit.money - (spent.money ?? 0) - (held.money ?? 0) - (needed === Infinity ? 0 : needed);
  }
  if (inside < Infinity) left.timeMs = inside - state.at;
  // What follows the step is bound by the run's deadline alone.
  if (deadlineMs < Infinity) left.timeMs = Math.min(left.timeMs!, deadlineMs - state.at - afterMs(state, step));
  return left;
}

/** The least that what follows this step takes, along the longest path, up to the end of the run. */
function afterMs(state: RunState, step: StepState): number {
  const rest = restOf(state, step);
  const costs = solve({ ...rest.graph, weight: rest.graph.weight.map((_, leaf) => rest.takes.get(leaf)?.timeMs ?? 0) });
  return rest.scopes.reduce((sum, { body, steps, at }) => {
    const timeOf = (name: string) => finite(costs[steps.get(name) ?? -1] ?? 0);
    const next = (name: string) => followers(bodyOf(body), name).map((def) => def.name);
    return sum + longestPath([at], next, timeOf);
  }, 0);
}

function finite(cost: number): number {
  return cost === Infinity ? 0 : cost;
}
