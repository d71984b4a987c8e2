/** Learning whom to ask, in simulated markets (src/lab/market), side by side with the yardsticks on the same luck. */
import {
  atRandom,
  believesCards,
  createMarket,
  exponentOf,
  informed,
  type Market,
  type MarketAgent,
  type MarketOptions,
  ours,
  plainLinUcb,
  playSeason,
  PRICE_WEIGHT,
  roundRobin,
  type Season,
  type Side,
  type SideOptions,
  tasksTo,
  tasksToBetween,
} from '../../src/lab/market/index.ts';
import { DEFAULT_BY, DEFAULT_EXPLORE } from '../../src/site/route/index.ts';

export interface Learned {
  market: string;
  regret: Record<string, number>;
  /** Of ours: over both halves apart, the higher of the two. */
  exponent: number;
  tasksTo95: number | null;
  /** Of markets drawn again from these: eight times in ten it lies between. */
  between: [number | null, number | null];
  /** The same of ours when it is told who changed and when; and when it knows how strong all others are, too. */
  informed: { told: number | null; knowing: number | null };
  /** Share of the oracle's reward, for each 100 tasks after the drift. */
  after: Record<string, number[]>;
}

const CATEGORIES = 5;

type Make = (market: Market, options: SideOptions) => Side<MarketAgent>;

const sides: Record<string, Make> = {
  ours: ({ agents }, how) => ours(agents, how, { by: DEFAULT_BY, explore: DEFAULT_EXPLORE[DEFAULT_BY] }),
  thompson: ({ agents }, how) => ours(agents, how, { by: 'thompson', explore: DEFAULT_EXPLORE.thompson }),
  ucb: ({ agents }, how) => ours(agents, how, { by: 'ucb', explore: DEFAULT_EXPLORE.ucb }),
  linucb: ({ agents }, how) => plainLinUcb(agents, how),
  cards: ({ agents }, how) => believesCards(agents, how),
  roundRobin: ({ agents }) => roundRobin(agents),
  random: ({ agents }, how) => atRandom(agents, how),
};

export function learn(name: string, options: Omit<MarketOptions, 'seed'>, seeds: number, of = 'bench'): Learned {
  const regret: Record<string, number> = {};
  const after: Record<string, number[]> = {};
  let exponent = 0;
  let to95: number | null = null;
  let between: Learned['between'] = [null, null];
  const told: Season[] = [];
  const knowing: Season[] = [];
  for (const [side, make] of Object.entries(sides)) {
    const seasons: Season[] = [];
    for (let seed = 0; seed < seeds; seed++) {
      // Other seeds than those that the product's constants were chosen on (tune-*).
      const market = createMarket({ seed: `${of}-${seed}`, categories: CATEGORIES, ...options });
      const how = { seed: `side-${seed}`, categories: CATEGORIES, priceWeight: PRICE_WEIGHT };
      seasons.push(playSeason(market, make(market, how)));
    }
    const n = seasons[0]!.regret.length;
    regret[side] = mean(seasons.map((s) => s.regret[n - 1]!));
    after[side] = Array.from({ length: 6 }, (_, i) => shareOf(seasons, n / 2 + i * 100, 100));
    if (side !== 'ours') continue;
    for (let seed = 0; seed < seeds; seed++) {
      const market = createMarket({ seed: `${of}-${seed}`, categories: CATEGORIES, ...options });
      const how = { seed: `side-${seed}`, categories: CATEGORIES, priceWeight: PRICE_WEIGHT };
      const choose = { by: DEFAULT_BY, explore: DEFAULT_EXPLORE[DEFAULT_BY] };
      told.push(playSeason(market, informed(market, how, choose, false)));
      knowing.push(playSeason(market, informed(market, how, choose, true)));
    }
    const together = new Float64Array(n);
    for (const s of seasons) s.regret.forEach((one, i) => (together[i]! += one));
    exponent = Math.max(exponentOf(together, 0, n / 2), exponentOf(together, n / 2, n));
    to95 = tasksTo(seasons, 0.95);
    between = tasksToBetween(seasons, 0.95);
  }
  const reached = { told: tasksTo(told, 0.95), knowing: tasksTo(knowing, 0.95) };
  return { market: name, regret, exponent, tasksTo95: to95, between, informed: reached, after };
}

function shareOf(seasons: readonly Season[], from: number, length: number): number {
  let [got, best] = [0, 0];
  for (const s of seasons)
    for (let i = from; i < from + length; i++) {
      got += s.worth[i]!;
      best += s.best[i]!;
    }
  return got / best;
}

function mean(of: readonly number[]): number {
  return of.reduce((a, b) => a + b, 0) / of.length;
}
