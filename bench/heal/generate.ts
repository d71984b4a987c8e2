/** Hard variants of the 19 scenarios, and random graphs: all from a seed. */
import { createSeededChance, type SeededChance } from '../../src/base/index.ts';
import type { EffectClass } from '../../src/model/index.ts';
import { agentsOf, type Call, type Failure, type Graph, leavesOf, type Scenario, sizeOf } from './graph.ts';

export const KINDS = ['midrun', 'flapping', 'many', 'joins', 'effects', 'deadlines', 'budgets'] as const;
export type Kind = (typeof KINDS)[number];

interface Recipe {
  /** Of 100 tools, how many have each class; the rest is pure. */
  reversible: number;
  irreversible: number;
  idempotent: number;
  /** Of agents: how many are down, known to be before; found out; flapping. */
  known: number;
  found: number;
  flaps: number;
  join: number;
  takes: boolean;
  /** How often a tool is wanted at several places: then it has one agent, who names one price. */
  shared: number;
}

const PLAIN: Recipe = {
  reversible: 0,
  irreversible: 0,
  idempotent: 0,
  known: 0.05,
  found: 0.15,
  flaps: 0,
  join: 0.1,
  takes: false,
  shared: 0.15,
};

const RECIPES: Record<Kind | 'random', Recipe> = {
  midrun: { ...PLAIN, reversible: 60 },
  flapping: { ...PLAIN, reversible: 20, found: 0.1, flaps: 0.4 },
  many: PLAIN,
  joins: { ...PLAIN, reversible: 30, join: 0.6 },
  effects: { ...PLAIN, reversible: 30, irreversible: 20, idempotent: 10 },
  deadlines: { ...PLAIN, takes: true, shared: 0 },
  budgets: { ...PLAIN, shared: 0 },
  random: {
    ...PLAIN,
    reversible: 25,
    irreversible: 5,
    idempotent: 5,
    found: 0.06,
    known: 0.03,
    flaps: 0.05,
    join: 0.25,
  },
};

export function variant(kind: Kind, seed: number): Scenario {
  const chance = createSeededChance(`${kind}/${seed}`);
  const recipe = RECIPES[kind];
  const scenario: Scenario = kind === 'many' ? many(chance) : grown(chance, recipe, { least: 8, most: 24 });
  return { ...scenario, name: `${kind}-${seed}`, kind, ...bounds(kind, scenario, chance) };
}

/** Of 10 to 200 nodes. */
export function randomGraph(seed: number): Scenario {
  const chance = createSeededChance(`random/${seed}`);
  const nodes = Math.round(10 * 20 ** chance.next());
  return { ...grown(chance, RECIPES.random, { least: Math.floor(nodes * 0.8), most: nodes }), name: `random-${seed}` };
}

function grown(chance: SeededChance, recipe: Recipe, size: { least: number; most: number }): Scenario {
  const tools = new Map<string, EffectClass>();
  let left = size.most;

  function tool(): Call {
    left--;
    const known = [...tools.keys()];
    const name = known.length > 3 && chance.yes(recipe.shared) ? chance.pick(known) : `tool${tools.size}`;
    const effect = tools.get(name) ?? effectFrom(chance, recipe);
    tools.set(name, effect);
    const call: Call = { tool: name, effect, cost: money(chance) };
    if (recipe.takes) call.takesMs = 100 + chance.int(900);
    return call;
  }
  function graph(depth: number, after: 'any' | 'seq' | 'none'): Graph {
    left--;
    if (depth === 0 || left <= 1) return tool();
    if (after !== 'any' && chance.yes(0.55)) return { any: several(2 + chance.int(3), depth, 'any') };
    if (chance.yes(recipe.join)) return { all: several(2 + chance.int(3), depth, 'seq') };
    if (after !== 'seq') return { seq: several(2 + chance.int(3), depth, 'seq') };
    return tool();
  }
  function several(count: number, depth: number, after: 'any' | 'seq'): Graph[] {
    const parts: Graph[] = [];
    for (let i = 0; i < count && (left > 1 || i < 2); i++)
      parts.push(chance.yes(0.4) ? tool() : graph(depth - 1, after));
    return parts;
  }

  const parts: Graph[] = [];
  while (parts.length < 2 || left > size.most - size.least) {
    parts.push(graph(4, 'none'));
    if (left <= 1) break;
  }
  const whole: Graph = { seq: parts };
  return { name: '', graph: whole, failures: failuresIn(whole, chance, recipe) };
}

function failuresIn(graph: Graph, chance: SeededChance, recipe: Recipe): Failure[] {
  const agents = new Set(leavesOf(graph).flatMap((leaf) => agentsOf(leaf.call).map((one) => one.agent)));
  return [...agents].flatMap((agent): Failure[] => {
    const draw = chance.next();
    if (draw < recipe.known) return [{ agent, known: true }];
    if (draw < recipe.known + recipe.found) return [{ agent }];
    return draw < recipe.known + recipe.found + recipe.flaps ? [{ agent, calls: 1 + chance.int(2) }] : [];
  });
}

/** 6 to 20 alternatives, all but one of them down: other tools, or other agents for one tool. */
function many(chance: SeededChance): Scenario {
  const failures: Failure[] = [];
  const step = (name: string): Graph => {
    const count = 6 + chance.int(15);
    const up = chance.int(count);
    const fail = (agent: string, i: number): void => {
      if (i !== up) failures.push(chance.yes(0.3) ? { agent, known: true } : { agent });
    };
    // A run is told of 16 candidates for a skill.
    if (count <= 16 && chance.yes(0.5)) {
      const agents = Array.from({ length: count }, (_, i) => ({ agent: `${name}-${i}`, cost: money(chance) }));
      agents.forEach(({ agent }, i) => fail(agent, i));
      return { tool: name, agents };
    }
    const any = Array.from({ length: count }, (_, i): Graph => ({ tool: `${name}-${i}`, cost: money(chance) }));
    any.forEach((_, i) => fail(`${name}-${i}`, i));
    return { any };
  };
  const graph: Graph = { seq: Array.from({ length: 2 + chance.int(3) }, (_, i) => step(`s${i}`)) };
  return { name: '', graph, failures };
}

function effectFrom(chance: SeededChance, recipe: Recipe): EffectClass {
  let draw = chance.next() * 100;
  for (const effect of ['reversible', 'irreversible', 'idempotent'] as const)
    if ((draw -= recipe[effect]) < 0) return effect;
  return 'pure';
}

function money(chance: SeededChance): number {
  return (1 + chance.int(20)) / 10;
}

/** Bounds that leave some room over what the calls of the cheapest or the fastest way take. */
function bounds(kind: Kind, scenario: Scenario, chance: SeededChance): Partial<Scenario> {
  const calls = leavesOf(scenario.graph).map((leaf) => leaf.call);
  if (kind === 'budgets')
    return { budget: calls.reduce((sum, call) => sum + (call.cost ?? 1), 0) * (0.3 + 0.7 * chance.next()) };
  if (kind === 'deadlines')
    return { deadlineMs: calls.reduce((sum, call) => sum + (call.takesMs ?? 0), 0) * (0.4 + 0.6 * chance.next()) };
  return {};
}

export { sizeOf };
