/**
 * The oracle: knows everything that is down, and has all the time there is. It shares no line with the ladder:
 * it walks the scenario's own graph and keeps every way that is not worse in both cost and time.
 */
import { agentsOf, type Failure, type Graph, isCall, partsOf, type Scenario, TRIES } from './graph.ts';

export interface Way {
  cost: number;
  takesMs: number;
}

/** More ways than this are never kept side by side. */
const MOST_WAYS = 64;

/** Agents that are down for good when they are needed (those that flap are not, unless for longer than anybody asks). */
export function downIn(failures: readonly Failure[]): Set<string> {
  return new Set(failures.filter(({ calls = TRIES }) => calls >= TRIES).map((one) => one.agent));
}

/** The cheapest lawful way with everything known from the start; undefined = there is none. */
export function bestWay(scenario: Scenario, done: ReadonlySet<string> = new Set()): Way | undefined {
  const { deadlineMs = Infinity, budget = Infinity } = scenario;
  return ways(scenario.graph, downIn(scenario.failures), done, { at: 0 })
    .filter((way) => way.takesMs <= deadlineMs && way.cost <= budget + 1e-9)
    .sort((a, b) => a.cost - b.cost)[0];
}

function ways(graph: Graph, down: ReadonlySet<string>, done: ReadonlySet<string>, place: { at: number }): Way[] {
  if (isCall(graph)) {
    // What is done costs nothing more.
    if (done.has(`t${place.at++}`)) return [{ cost: 0, takesMs: 0 }];
    return pareto(
      agentsOf(graph)
        .filter((one) => !down.has(one.agent))
        .map(({ cost, takesMs }) => ({ cost, takesMs })),
    );
  }
  if ('any' in graph) return pareto(graph.any.flatMap((part) => ways(part, down, done, place)));
  const side = 'all' in graph;
  return partsOf(graph).reduce<Way[]>(
    (sofar, part) => {
      const next = ways(part, down, done, place);
      const both = (a: Way, b: Way): Way => ({
        cost: a.cost + b.cost,
        takesMs: side ? Math.max(a.takesMs, b.takesMs) : a.takesMs + b.takesMs,
      });
      return pareto(sofar.flatMap((a) => next.map((b) => both(a, b))));
    },
    [{ cost: 0, takesMs: 0 }],
  );
}

function pareto(all: Way[]): Way[] {
  all.sort((a, b) => a.cost - b.cost || a.takesMs - b.takesMs);
  const kept: Way[] = [];
  for (const way of all) if (kept.length === 0 || way.takesMs < kept.at(-1)!.takesMs) kept.push(way);
  return kept.slice(0, MOST_WAYS);
}

/** Is there a way that goes through every one of these calls (what was done and cannot be undone)? */
export function isOpen(graph: Graph, down: ReadonlySet<string>, through: ReadonlySet<string>, first = 0): boolean {
  let place = first;
  const open = (at: Graph): boolean => {
    if (isCall(at)) {
      const id = `t${place++}`;
      // Done is done, whatever became of the one who did it.
      return through.has(id) || agentsOf(at).some((one) => !down.has(one.agent));
    }
    const parts = partsOf(at).map((part) => {
      const from = place;
      const isWay = open(part);
      const held = [...through].some((id) => Number(id.slice(1)) >= from && Number(id.slice(1)) < place);
      return { isWay, held };
    });
    if (!('any' in at)) return parts.every((part) => part.isWay);
    const held = parts.filter((part) => part.held);
    return held.length === 0 ? parts.some((part) => part.isWay) : held.length === 1 && held[0]!.isWay;
  };
  return open(graph);
}

/** Of the calls that stand, those on no way that was gone to its end; and choices where two ways stand. */
export function leftOver(graph: Graph, done: ReadonlySet<string>, standing: ReadonlySet<string>) {
  let place = 0;
  let twice = 0;
  const orphans: string[] = [];
  const look = (at: Graph): { whole: boolean; stands: string[] } => {
    if (isCall(at)) {
      const id = `t${place++}`;
      return { whole: done.has(id), stands: standing.has(id) ? [id] : [] };
    }
    const parts = partsOf(at).map(look);
    const stands = parts.flatMap((part) => part.stands);
    if (!('any' in at)) return { whole: parts.every((part) => part.whole), stands };
    const whole = parts.filter((part) => part.whole);
    if (whole.filter((part) => part.stands.length > 0).length > 1) twice++;
    const kept = whole.at(-1);
    for (const part of parts)
      if (part !== kept && !(part.whole && part.stands.length > 0)) orphans.push(...part.stands);
    return { whole: kept !== undefined, stands };
  };
  look(graph);
  return { twice, orphans };
}

/** The part of the graph that a step of the plan's top stands for, and the number of its first call. */
export function partOf(graph: Graph, step: string): { part: Graph; first: number } | undefined {
  let call = 0;
  let choice = 0;
  let found: { part: Graph; first: number } | undefined;
  const look = (at: Graph): void => {
    const first = call;
    if (isCall(at)) {
      if (step === `t${call++}`) found = { part: at, first };
      return;
    }
    const name = 'any' in at ? `c${choice++}` : '';
    for (const part of partsOf(at)) look(part);
    if (name === step) found = { part: at, first };
  };
  look(graph);
  return found;
}
