/** A scenario's graph as a plan that Skein runs: the very words a person would write. */
import type { StepWords, WayWords } from '../../src/model/index.ts';
import { agentsOf, type Call, type Graph, isCall, type Scenario } from './graph.ts';

type Steps = Record<string, StepWords>;

export const GATE = 'allow';

export function wordsOf(scenario: Scenario): { name: string; steps: Steps } {
  const steps: Steps = {};
  let leaf = 0;
  let choice = 0;
  let gated = false;

  function callWords(call: Call): StepWords {
    const id = `t${leaf++}`;
    const effect = call.effect ?? 'pure';
    const words: StepWords = { with: { call: id, cost: call.cost ?? 1 } };
    if (effect === 'pure') words.ask = call.tool;
    else words.effect = call.tool;
    if (effect !== 'pure') words.class = effect;
    if (effect === 'irreversible') {
      words.gate = GATE;
      gated = true;
    }
    if (call.takesMs !== undefined) words.takes = call.takesMs;
    if (call.agents === undefined) words.cost = call.cost ?? 1;
    return words;
  }

  /** Adds a graph's steps after those named, and returns the last of them. */
  function add(graph: Graph, into: Steps, after: string[]): string[] {
    if (isCall(graph)) {
      const name = `t${leaf}`;
      into[name] = withAfter(callWords(graph), after);
      return [name];
    }
    if ('seq' in graph) return graph.seq.reduce((last, part) => add(part, into, last), after);
    if ('all' in graph) return graph.all.flatMap((part) => add(part, into, after));
    const name = `c${choice++}`;
    const [first, ...rest] = graph.any;
    // A plain call in the first place is the step's own skill; anything else is one way among equals.
    const isOwn = first !== undefined && isCall(first) && first.effect !== 'irreversible';
    const words: StepWords = isOwn ? callWords(first) : {};
    const ways = (isOwn ? rest : graph.any).map((part): WayWords => {
      const inner: Steps = {};
      add(part, inner, []);
      return { steps: inner };
    });
    if (ways.length > 0) words.alternatives = ways;
    into[name] = withAfter(words, after);
    return [name];
  }

  add(scenario.graph, steps, []);
  return { name: scenario.name.replaceAll(/[^a-z0-9]+/gi, '-'), steps: gated ? gateFirst(steps) : steps };
}

function withAfter(words: StepWords, after: string[]): StepWords {
  return { ...words, after };
}

function gateFirst(steps: Steps): Steps {
  const gate: StepWords = { gate: 'anybody' };
  return { [GATE]: gate, ...steps };
}

/** Every agent that there is, with the skill and the price it has. */
export function agentsIn(
  calls: readonly Call[],
): Map<string, { tool: string; cost: number; takesMs: number; effect: Call['effect'] }> {
  const agents = new Map<string, { tool: string; cost: number; takesMs: number; effect: Call['effect'] }>();
  for (const call of calls)
    for (const one of agentsOf(call)) agents.set(one.agent, { tool: call.tool, effect: call.effect, ...one });
  return agents;
}
