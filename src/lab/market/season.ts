/** A season: one side works all tasks of a market, hearing late how it went; what it lost against an oracle. */
import { createSeededChance } from '../../base/index.ts';
import type { Market, MarketAgent } from './market.ts';
import type { Side } from './sides.ts';

export interface Season {
  /** Cumulative regret after each task: what the oracle's choice was worth more, in expectation. */
  regret: Float64Array;
  /** What each choice was worth, and the best one. */
  worth: Float64Array;
  best: Float64Array;
}

const DRAWS = 100;

export function playSeason(market: Market, side: Side<MarketAgent>): Season {
  const n = market.tasks.length;
  const season = { regret: new Float64Array(n), worth: new Float64Array(n), best: new Float64Array(n) };
  const due = new Map<number, { agent: MarketAgent; category: number; reward: number }[]>();
  let sum = 0;
  for (const task of market.tasks) {
    for (const late of due.get(task.t) ?? []) side.learn(late.agent, late.category, late.reward);
    due.delete(task.t);
    const agent = side.pick(task.category, task.t);
    const worth = market.worth(agent, task);
    const best = Math.max(...market.agents.map((one) => market.worth(one, task)));
    sum += best - worth;
    season.regret[task.t] = sum;
    season.worth[task.t] = worth;
    season.best[task.t] = best;
    const at = task.t + market.delay(agent, task);
    const told = due.get(at) ?? [];
    told.push({ agent, category: task.category, reward: market.right(agent, task) ? 1 : 0 });
    due.set(at, told);
  }
  return season;
}

/** The power p of regret ~ t^p, by least squares on the logarithms, between two tasks (regret counted from the first). */
export function exponentOf(regret: Float64Array, from: number, to: number): number {
  const base = from === 0 ? 0 : regret[from - 1]!;
  const xs: number[] = [];
  const ys: number[] = [];
  for (let step = 50; from + step <= to; step = Math.ceil(step * 1.1)) {
    xs.push(Math.log(step));
    ys.push(Math.log(Math.max(1e-6, regret[from + step - 1]! - base)));
  }
  const mean = (of: number[]): number => of.reduce((a, b) => a + b, 0) / of.length;
  const [mx, my] = [mean(xs), mean(ys)];
  const over = xs.reduce((sum, x, i) => sum + (x - mx) * (ys[i]! - my), 0);
  return over / xs.reduce((sum, x) => sum + (x - mx) ** 2, 0);
}

/**
 * How far `tasksTo` depends on which markets were drawn: of as many drawn again from among them, eight times in ten it
 * lies between these two. Null: not reached.
 */
export function tasksToBetween(seasons: readonly Season[], share: number): [number | null, number | null] {
  const chance = createSeededChance('again');
  const all = Array.from({ length: DRAWS }, () =>
    tasksTo(
      seasons.map(() => chance.pick(seasons)),
      share,
    ),
  ).toSorted((a, b) => (a ?? Infinity) - (b ?? Infinity));
  return [all[Math.floor(DRAWS / 10)]!, all[Math.ceil(DRAWS * 0.9) - 1]!];
}

/** Tasks after the drift until a window of them earns this share of the oracle's reward, over all seasons. */
export function tasksTo(seasons: readonly Season[], share: number, window = 50): number | null {
  const n = seasons[0]!.worth.length;
  const half = n / 2;
  const sum = (of: 'worth' | 'best', from: number): number =>
    seasons.reduce((all, season) => {
      for (let i = from; i < from + window; i++) all += season[of][i]!;
      return all;
    }, 0);
  for (let from = half; from + window <= n; from += 10)
    if (sum('worth', from) >= share * sum('best', from)) return from + window - half;
  return null;
}
