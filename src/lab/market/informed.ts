/**
 * Ours with knowledge that nobody has: when the drift was and whom it made another, and, where asked for, how strong all
 * others are. What they need to be good again is a bound for who has to find that out: what is left is to learn the new ones.
 */
import { createBandit, newArm, newSums, normal, weigh } from '../../flow/index.ts';
import type { Candidate, ChooseFacts } from '../../model/index.ts';
import { type Market, type MarketAgent, PRICE_WEIGHT } from './market.ts';
import { features, type Side, type SideOptions } from './sides.ts';

export function informed(
  market: Market,
  { seed, categories, priceWeight }: SideOptions,
  choose: Pick<ChooseFacts, 'by' | 'explore'>,
  knowsOthers: boolean,
): Side<MarketAgent> {
  const { agents, tasks } = market;
  const half = tasks.length / 2;
  const changed = new Set(agents.filter(({ before, after }) => before !== after));
  const bandit = createBandit({ dims: categories + 1 });
  const out = new Map<MarketAgent, number>();
  const dearest = Math.max(...agents.map((a) => a.price));
  const weights = { quality: 1, cost: priceWeight * dearest, speed: 0 };

  function believed(agent: MarketAgent, t: number, category: number): { mean: number; sd: number } {
    if (knowsOthers && t >= half && !changed.has(agent)) {
      const worth = market.worth(agent, { t, category });
      return { mean: worth + PRICE_WEIGHT * agent.price, sd: 0 };
    }
    return bandit.believe(agent.name, features(category), out.get(agent) ?? 0);
  }

  return {
    pick(category, t) {
      if (t === half)
        for (const { name } of changed) bandit.put(name, newArm(newSums(categories + 1), bandit.ticks, bandit.ticks));
      const candidates = agents.map((agent): Candidate => {
        const { mean, sd } = believed(agent, t, category);
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
