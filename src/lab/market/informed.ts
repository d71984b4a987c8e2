/**
 * Ours with knowledge that nobody has: when the drift was and whom it made another, and, where asked for, how strong all
 * others are. What they need to be good again is a bound for who has to find that out: what is left is to learn the new ones.
 */
import { newArm, newSums } from '../../flow/index.ts';
import type { ChooseFacts } from '../../model/index.ts';
import { type Market, type MarketAgent, PRICE_WEIGHT } from './market.ts';
import { ours, type Side, type SideOptions } from './sides.ts';

export function informed(
  market: Market,
  options: SideOptions,
  choose: Pick<ChooseFacts, 'by' | 'explore'>,
  knowsOthers: boolean,
): Side<MarketAgent> {
  const { agents, tasks } = market;
  const half = tasks.length / 2;
  const changed = new Set(agents.filter(({ before, after }) => before !== after));
  return ours(
    agents,
    options,
    choose,
    {},
    {
      begins(t, bandit) {
        if (t !== half) return;
        const { ticks } = bandit;
        for (const { name } of changed) bandit.put(name, newArm(newSums(options.categories + 1), ticks, ticks));
      },
      knows(agent, t, category) {
        if (!knowsOthers || t < half || changed.has(agent)) return undefined;
        return { mean: market.worth(agent, { t, category }) + PRICE_WEIGHT * agent.price, sd: 0 };
      },
    },
  );
}
