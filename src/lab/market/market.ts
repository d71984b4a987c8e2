/**
 * A simulated market of agents, for measuring how well a choice learns: agents with strengths by category,
 * prices, liars who overstate themselves, agents that die, a drift at half time, feedback that comes late.
 * Nothing here is an agent of the product.
 */
import { createSeededChance, type SeededChance } from '../../base/index.ts';

export interface MarketOptions {
  seed: string;
  agents?: number;
  categories?: number;
  tasks?: number;
  /** Of the agents: overstate themselves; stop answering at a time. */
  liars?: number;
  dying?: number;
  /** Of the agents: drawn anew at half time. */
  drifting?: number;
  /** Mean number of tasks until a reward is known; a dead agent's is known after so many. */
  delay?: number;
  timeout?: number;
}

export interface MarketAgent {
  name: string;
  /** What it says of itself. */
  declared: number;
  price: number;
  liar: boolean;
  diesAt: number;
  /** Probability of a right answer by category, before and after half time. */
  before: number[];
  after: number[];
}

export interface MarketTask {
  t: number;
  category: number;
}

export interface Market {
  agents: MarketAgent[];
  tasks: MarketTask[];
  /** What a choice is worth before it is known how it went: right answers less the price. */
  worth(agent: MarketAgent, task: MarketTask): number;
  right(agent: MarketAgent, task: MarketTask): boolean;
  delay(agent: MarketAgent, task: MarketTask): number;
}

/** Money counts so much against a right answer. */
export const PRICE_WEIGHT = 0.2;

export function createMarket(options: MarketOptions): Market {
  const { agents: n = 20, categories = 5, tasks: total = 6_000 } = options;
  const { liars = 0.2, dying = 0.05, drifting = 0.3, delay: meanDelay = 10, timeout = 30 } = options;
  const chance = createSeededChance(options.seed);
  const half = total / 2;
  const agents = Array.from({ length: n }, (_, i): MarketAgent => {
    const liar = i < Math.round(n * liars);
    const before = strengths(chance, categories, liar);
    const level = before.reduce((a, b) => a + b, 0) / categories;
    return {
      name: `agent-${String(i).padStart(3, '0')}`,
      declared: liar ? 0.99 : Math.min(0.99, Math.max(0.01, level + 0.05 * (chance.next() - 0.5))),
      price: Math.min(1, Math.max(0.02, 0.5 * chance.next() + 0.5 * level * level)),
      liar,
      diesAt: Infinity,
      before,
      after: before,
    };
  });
  // Those that die are among the good ones: a dead bad agent would be missed by nobody.
  const ranked = agents.toSorted((a, b) => mean(b.before) - mean(a.before));
  // The drift takes the best with it: one that spared them would be no test.
  for (const [rank, agent] of ranked.entries())
    if (rank < n * drifting) agent.after = strengths(chance, categories, agent.liar);
  for (let i = 0; i < Math.round(n * dying); i++) ranked[i]!.diesAt = Math.round(total * (0.2 + 0.2 * chance.next()));
  const tasks = Array.from({ length: total }, (_, t) => ({ t, category: chance.int(categories) }));

  function quality(agent: MarketAgent, { t, category }: MarketTask): number {
    if (t >= agent.diesAt) return 0;
    return (t < half ? agent.before : agent.after)[category]!;
  }

  return {
    agents,
    tasks,
    worth: (agent, task) => quality(agent, task) - PRICE_WEIGHT * agent.price,
    // One draw for an agent and task, whoever chooses: the sides are compared on the same luck.
    right: (agent, task) => createSeededChance(`${options.seed}/${task.t}/${agent.name}`).next() < quality(agent, task),
    delay(agent, task) {
      if (task.t >= agent.diesAt) return timeout;
      const draw = createSeededChance(`${options.seed}/delay/${task.t}`).next();
      return 1 + Math.floor(-Math.log(1 - draw) * meanDelay);
    },
  };
}

function strengths(chance: SeededChance, categories: number, liar: boolean): number[] {
  const level = liar ? 0.15 + 0.25 * chance.next() : 0.3 + 0.55 * chance.next();
  return Array.from({ length: categories }, () => Math.min(0.98, Math.max(0.02, level + 0.3 * (chance.next() - 0.5))));
}

function mean(of: readonly number[]): number {
  return of.reduce((a, b) => a + b, 0) / of.length;
}
