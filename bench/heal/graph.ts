/**
 * The shape of a scenario, for `--scenarios FILE` (JSON: a list of them, or `{"scenarios": [...]}`); read.ts reads it,
 * docs/healing.md tells it with an example.
 *
 * A graph is one of
 *   { "tool": "stripe", "cost": 0.3, "effect": "reversible" }   a call; effect: pure (default), idempotent,
 *                                                                reversible (has an undo), irreversible (is gated)
 *   { "tool": "pay", "agents": [{ "agent": "a", "cost": 1 }] }   a call that several agents can do
 *   { "seq": [graph, ...] }                                      one after the other
 *   { "all": [graph, ...] }                                      side by side, and all of them (an AND-join)
 *   { "any": [graph, ...] }                                      one of them (OR)
 *
 * A failure names an agent (a tool without `agents` has one of its own name):
 *   { "agent": "stripe", "known": true }     down, and known to be before the run
 *   { "agent": "stripe" }                    down, and found out by calling it
 *   { "agent": "stripe", "calls": 2 }        its first two calls fail, later ones do not (it flaps); three and more are
 *                                            down, for a step asks an agent three times
 *   { "agent": "stripe", "afterCalls": 1 }   goes down after one good call
 *   { "agent": "stripe", "atMs": 500 }       goes down half a second after the run began
 */
import type { EffectClass } from '../../src/model/index.ts';

export interface Call {
  tool: string;
  cost?: number;
  /** How long it takes. */
  takesMs?: number;
  effect?: EffectClass;
  agents?: { agent: string; cost: number; takesMs?: number }[];
}
export type Graph = Call | { seq: Graph[] } | { all: Graph[] } | { any: Graph[] };

export interface Failure {
  agent: string;
  known?: boolean;
  calls?: number;
  afterCalls?: number;
  atMs?: number;
}

export interface Scenario {
  name: string;
  kind?: string;
  graph: Graph;
  failures: Failure[];
  deadlineMs?: number;
  /** Money. */
  budget?: number;
  expect?: { outcome: 'completed' | 'failed'; cost?: number; cut?: string[] };
}

/** So often a step asks an agent that asks to be asked again (docs/healing.md). */
export const TRIES = 3;

export interface Leaf {
  id: string;
  call: Call;
}

export function isCall(graph: Graph): graph is Call {
  return 'tool' in graph;
}

export function partsOf(graph: Exclude<Graph, Call>): Graph[] {
  return 'seq' in graph ? graph.seq : 'all' in graph ? graph.all : graph.any;
}

/** Every call with the name of its step, in the order they are written. */
export function leavesOf(graph: Graph, leaves: Leaf[] = []): Leaf[] {
  if (isCall(graph)) leaves.push({ id: `t${leaves.length}`, call: graph });
  else for (const part of partsOf(graph)) leavesOf(part, leaves);
  return leaves;
}

export function agentsOf(call: Call): { agent: string; cost: number; takesMs: number }[] {
  const { agents = [{ agent: call.tool, cost: call.cost ?? 1 }] } = call;
  return agents.map(({ agent, cost, takesMs = call.takesMs ?? 0 }) => ({ agent, cost, takesMs }));
}

export function sizeOf(graph: Graph): number {
  return isCall(graph) ? 1 : 1 + partsOf(graph).reduce((sum, part) => sum + sizeOf(part), 0);
}
