/** How long it takes to go another way: the whole turn of the answer that failed, in a plan of so many nodes. */
import { createSeededChance, faultToData, Fault } from '../../src/base/index.ts';
import { decide } from '../../src/flow/index.ts';
import { type Candidate, newRunState, readPlan, type StepWords, type WayWords } from '../../src/model/index.ts';

const ROUNDS = 15;
const WARM = 4;
const WAYS = 16;
/** Of the AND/OR graph, on average: a call is a choice and a leaf, a choice among ways has six nodes more. */
const NODES_PER_STEP = 5;

/** The median, in ms. `nodes`: of the AND/OR graph of the step that looks for another way. */
export function replanMs(nodes: number): { median: number; worst: number } {
  const times = Array.from({ length: ROUNDS + WARM }, (_, round) => once(nodes, round)).slice(WARM);
  times.sort((a, b) => a - b);
  return { median: times[times.length >> 1]!, worst: times.at(-1)! };
}

function once(nodes: number, round: number): number {
  const chance = createSeededChance(`replan/${nodes}/${round}`);
  const skills = new Set<string>();
  const leaf = (): StepWords => {
    const skill = `s${skills.size}`;
    skills.add(skill);
    return { ask: skill, cost: 1 + chance.int(9) };
  };
  // Half of the steps of a way have a way of their own.
  const perWay = Math.max(2, Math.round(nodes / WAYS / NODES_PER_STEP));
  const way = (first: number): WayWords => {
    const steps: Record<string, StepWords> = {};
    for (let i = 0; i < perWay; i++) {
      const step = leaf();
      if (i > 0) step.after = [`w${first}x${i - 1}`];
      if (i % 2 === 0) step.alternatives = [{ steps: { other: leaf() } }];
      steps[`w${first}x${i}`] = step;
    }
    return { steps };
  };
  const ways = Array.from({ length: WAYS }, (_, i) => way(i));
  const read = readPlan({ name: 'big', steps: { goal: { ask: 'own', cost: 0, alternatives: ways } } });
  const state = newRunState('r');
  let at = 1_000;
  const by = { id: 'me', rights: ['*'] };
  const plan = { hash: 'p', plan: read.body! };
  decide(state, { in: 'admit', run: 'r', workflow: 'big', version: '1', by, seed: 's', engine: 'e', plan }, at++);
  decide(state, { in: 'claim', worker: 'w', epoch: 1 }, at++);
  for (const skill of ['own', ...skills]) {
    const candidates: Candidate[] = [{ agent: skill, effect: 'pure', price: { money: 1 } }];
    decide(state, { in: 'candidates', skill, position: 1, candidates }, at++);
  }
  const fault = faultToData(new Fault('agent.failed', 'down'));
  const begunMs = performance.now();
  const turn = decide(state, { in: 'answer', step: 'goal', n: 1, fault }, at);
  const tookMs = performance.now() - begunMs;
  if (!turn.events.some((event) => event.type === 'way.taken')) throw new Error('no other way was taken');
  return tookMs;
}
