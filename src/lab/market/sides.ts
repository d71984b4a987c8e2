/**
 * Those who choose in a simulated market: ours (the beliefs and the weighing of the product) and the yardsticks.
 * Each sees the task's category and, late, whether the answer was right; none sees an agent's strengths but the oracle.
 */
import { createSeededChance } from '../../base/index.ts';
import {
  addTry,
  type Bandit,
  type BanditOptions,
  type Belief,
  createBandit,
  type Features,
  newSums,
  normal,
  posteriorOf,
  predict,
  weigh,
} from '../../flow/index.ts';
import type { Candidate, ChooseFacts } from '../../model/index.ts';

export interface Choosable {
  name: string;
  price: number;
}

export interface Side<A extends Choosable> {
  pick(category: number, t: number): A;
  learn(agent: A, category: number, reward: number): void;
}

export interface SideOptions {
  seed: string;
  categories: number;
  /** What a unit of money counts against a right answer. */
  priceWeight: number;
}

export function features(category: number): Features {
  return { at: [0, category + 1], value: [1, 1] };
}

/** What a side is told that has to be learnt otherwise: see informed.ts. */
export interface Told<A> {
  begins(t: number, bandit: Bandit): void;
  knows(agent: A, t: number, category: number): Pick<Belief, 'mean' | 'sd'> | undefined;
}

export function ours<A extends Choosable>(
  agents: readonly A[],
  { seed, categories, priceWeight }: SideOptions,
  choose: Pick<ChooseFacts, 'by' | 'explore'>,
  options: Partial<BanditOptions> = {},
  told?: Told<A>,
): Side<A> {
  const bandit = createBandit({ dims: categories + 1, ...options });
  const out = new Map<A, number>();
  // In the product's weights cost counts as a share of the dearest.
  const dearest = Math.max(...agents.map((a) => a.price));
  const weights = { quality: 1, cost: priceWeight * dearest, speed: 0 };
  return {
    pick(category, t) {
      const x = features(category);
      told?.begins(t, bandit);
      const candidates = agents.map((agent): Candidate => {
        const { mean, sd } = told?.knows(agent, t, category) ?? bandit.believe(agent.name, x, out.get(agent) ?? 0);
        return { agent: agent.name, effect: 'pure', price: { money: agent.price }, quality: mean, unsure: sd };
      });
      const scores = weigh(candidates, weights, choose, ({ agent }) => normal(`${seed}/${t}/${agent}`));
      let best = 0;
      for (let i = 1; i < scores.length; i++) if (scores[i]!.score > scores[best]!.score) best = i;
      const agent = agents[best]!;
      out.set(agent, (out.get(agent) ?? 0) + 1);
      return agent;
    },
    learn(agent, category, reward) {
      out.set(agent, out.get(agent)! - 1);
      bandit.learn(agent.name, features(category), reward);
    },
  };
}

/** Li and others 2010: a model an agent, alpha 1, ridge 1, nothing forgotten; rewards less the price. */
export function plainLinUcb<A extends Choosable>(
  agents: readonly A[],
  { categories, priceWeight }: SideOptions,
  alpha = 1,
): Side<A> {
  const arms = new Map(agents.map((agent) => [agent, newSums(categories)]));
  const prior = new Float64Array(categories).fill(1);
  const zero = new Float64Array(categories);
  const known = new Map<A, ReturnType<typeof posteriorOf>>();
  return {
    pick(category) {
      const x = { at: [category], value: [1] };
      let best = agents[0]!;
      let most = -Infinity;
      for (const agent of agents) {
        let posterior = known.get(agent);
        if (posterior === undefined) known.set(agent, (posterior = posteriorOf(arms.get(agent)!, prior, zero, 1)));
        const { mean, variance } = predict(posterior, x);
        const score = mean + alpha * Math.sqrt(variance);
        if (score > most) {
          most = score;
          best = agent;
        }
      }
      return best;
    },
    learn(agent, category, reward) {
      addTry(arms.get(agent)!, { at: [category], value: [1] }, reward - priceWeight * agent.price);
      known.delete(agent);
    },
  };
}

export function roundRobin<A extends Choosable>(agents: readonly A[]): Side<A> {
  return { pick: (_category, t) => agents[t % agents.length]!, learn() {} };
}

export function atRandom<A extends Choosable>(agents: readonly A[], { seed }: SideOptions): Side<A> {
  const chance = createSeededChance(`random/${seed}`);
  return { pick: () => chance.pick(agents), learn() {} };
}

/** Whoever says most for itself, less its price: what a router does that believes cards. */
export function believesCards<A extends Choosable & { declared: number }>(
  agents: readonly A[],
  { priceWeight }: SideOptions,
): Side<A> {
  const worth = (a: A): number => a.declared - priceWeight * a.price;
  const best = agents.reduce((a, b) => (worth(b) > worth(a) ? b : a));
  return { pick: () => best, learn() {} };
}
