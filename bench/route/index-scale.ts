/** How fast one of many is chosen, and whether the index finds whom an exact look finds. */
import { performance } from 'node:perf_hooks';
import { eligible } from '../../src/flow/index.ts';
import { describeCrowd, taskFor } from '../../src/lab/market/index.ts';
import { type CandidatesInput, newRunState, type RunState, type StepState } from '../../src/model/index.ts';
import { functionAgent } from '../../src/ports/agent/index.ts';
import { createExactIndex, createGrowingIndex, createHashedEmbedder } from '../../src/ports/index/index.ts';
import { createAgentBook } from '../../src/site/agents.ts';
import { realClock } from '../../src/site/clock.ts';
import { createCures, createFacts } from '../../src/site/facts/index.ts';
import { createBulkheads } from '../../src/site/health/index.ts';
import { createRouter, type Router, textOfOffer } from '../../src/site/route/index.ts';

export type Told = (known: Partial<Scale> & { indexed?: number }) => void;

export interface Scale {
  /** A whole decision: candidates found, gates, figures, and the choice. */
  p50Ms: number;
  p99Ms: number;
  recall10: number;
  /** Until all were in the index; decisions are made meanwhile, too. */
  buildS: number;
  /** The longest that the thread was held meanwhile. */
  heldMs: number;
  /** Memory of the process that the index added. */
  mb: number;
}

const DECISIONS = 400;
const WARM = 50;
const RECALL_QUERIES = 100;
/** While it is built. */
const LOOK_MS = 200;

/** told: hears what is known so far. */
export async function measureScale(n: number, told: Told = () => {}): Promise<Scale> {
  globalThis.gc?.();
  const facts = createFacts();
  const agents = createAgentBook(
    describeCrowd(n).map(({ name, description }) =>
      functionAgent(name, { skills: { work: { description, run: () => 1 } } }),
    ),
  );
  const router = createRouter({
    agents,
    facts,
    cures: createCures(facts),
    places: createBulkheads(realClock),
    clock: realClock,
  });
  const before = process.memoryUsage().rss;
  const began = performance.now();
  const heldMs = await build(router, n, told);
  const buildS = (performance.now() - began) / 1000;
  const mb = (process.memoryUsage().rss - before) / 1024 / 1024;
  told({ indexed: n, buildS, heldMs, mb });
  const times: number[] = [];
  for (let i = 0; i < WARM + DECISIONS; i++) {
    const start = performance.now();
    const agent = decide(router, `q${i}`);
    if (i >= WARM) times.push(performance.now() - start);
    // What happens is learned meanwhile, as at a real site.
    facts.begun(agent);
    facts.observe({
      agent,
      skill: 'work',
      atMs: i,
      end: i % 5 === 0 ? 'failed' : 'answered',
      latencyMs: 100,
      run: 'r',
      step: `q${i}`,
      n: 1,
    });
  }
  times.sort((a, b) => a - b);
  const at = (q: number): number => times[Math.min(times.length - 1, Math.floor(times.length * q))]!;
  const known = { p50Ms: at(0.5), p99Ms: at(0.99), buildS, heldMs, mb };
  told(known);
  return { ...known, recall10: recall(n, agents) };
}

/** Decides now and then, until nobody waits to be indexed. */
async function build(router: Router, n: number, told: Told): Promise<number> {
  let held = 0;
  let last = performance.now();
  let nextMs = 0;
  for (let i = 0; ; i++) {
    if (performance.now() >= nextMs) {
      const waiting = find(router, `first${i}`).found.refused?.['not yet indexed'] ?? 0;
      if (waiting === 0) return held;
      told({ indexed: n - waiting });
      nextMs = performance.now() + LOOK_MS;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
    const now = performance.now();
    held = Math.max(held, now - last - 1);
    last = now;
  }
}

function find(router: Router, id: string): { state: RunState; step: StepState; found: CandidatesInput } {
  const { state, step } = stateWith(id);
  return { state, step, found: router.find(state, step, 'work') as CandidatesInput };
}

function decide(router: Router, id: string): string {
  const { state, step, found } = find(router, id);
  step.view = { ...found, skill: 'work' };
  return eligible(state, step, 1).routed[0]!.candidate.agent;
}

function stateWith(id: string): { state: RunState; step: StepState } {
  const state = { ...newRunState('r'), seed: 's', by: { id: 'me', rights: ['*'] } };
  const step: StepState = {
    id,
    kind: 'ask',
    hash: 'h',
    spec: { skill: 'work' },
    at: 'asked',
    askedAt: 0,
    input: taskFor(id),
    settledSeq: 0,
  };
  return { state, step };
}

function recall(n: number, agents: ReturnType<typeof createAgentBook>): number {
  const embedder = createHashedEmbedder();
  const [exact, grown] = [createExactIndex(embedder.dims), createGrowingIndex({ dims: embedder.dims })];
  for (const offer of agents.offers('work')) {
    const [vector] = embedder.embed([textOfOffer(offer)]) as Float32Array[];
    exact.add(offer.agent.name, vector!);
    grown.add(offer.agent.name, vector!);
  }
  let found = 0;
  const queries = n > 50_000 ? RECALL_QUERIES / 2 : RECALL_QUERIES;
  for (let i = 0; i < queries; i++) {
    const [vector] = embedder.embed([taskFor(`recall${i}`)]) as Float32Array[];
    const least = exact.search(vector!, 10).at(-1)!.score - 1e-6;
    // One as near as the tenth nearest is as good; how near it is, is said by the vectors as they were given.
    found += grown.search(vector!, 10).filter(({ key }) => exact.score(key, vector!)! >= least).length;
  }
  return found / (queries * 10);
}
