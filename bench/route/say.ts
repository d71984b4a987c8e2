/** The results in words. */
import type { Hedged } from './hedging.ts';
import type { Scale } from './index-scale.ts';
import type { Tried } from './large.ts';
import type { Learned } from './learning.ts';
import type { Shelves } from './shelves.ts';
import type { Point } from './recorded.ts';

export function sayLearning({ market, regret, exponent, tasksTo95, between, informed, after }: Learned): string {
  const base = regret['linucb']!;
  const rows = Object.entries(regret).map(([side, sum]) => {
    const shares = after[side]!.map((one) => one.toFixed(2)).join(' ');
    return `  ${side.padEnd(11)} ${sum.toFixed(0).padStart(6)}  ${(sum / base).toFixed(2).padStart(5)} of LinUCB   after the drift: ${shares}`;
  });
  return [
    `learning: ${market}; 20% liars, one dies, rewards come late; cumulative regret (oracle = 0)`,
    ...rows,
    `  ours: regret ~ tasks^${exponent.toFixed(2)}; 95% of the oracle's reward ${tasksTo95 === null ? 'not reached again' : `after ${tasksTo95} tasks`} (of markets drawn again from these: ${between.map((one) => one ?? 'never').join(' to ')})`,
    `  told who changed, and when: after ${informed.told ?? 'never'}; knowing also how strong all others are: after ${informed.knowing ?? 'never'}`,
    '',
  ].join('\n');
}

export function sayRecorded(points: readonly Point[]): string {
  const rows = points.map(
    ({ policy, at, accuracy, cost }) =>
      `  ${policy.padEnd(23)} ${(at === undefined ? '' : `at ${at}`).padEnd(8)} right ${(accuracy * 100).toFixed(1)}%  cost ${cost.toFixed(3)}`,
  );
  return ['recorded answers of 20 models (told 50 questions late; price = rank by accuracy)', ...rows, ''].join('\n');
}

export function sayHedging({ p99Ratio, extraCalls, plain, hedged }: Hedged): string {
  return [
    'hedging: calls whose p99 is 20 times their p50, end to end at a site',
    `  plain   p50 ${plain.p50Ms.toFixed(0)} ms  p99 ${plain.p99Ms.toFixed(0)} ms`,
    `  hedged  p50 ${hedged.p50Ms.toFixed(0)} ms  p99 ${hedged.p99Ms.toFixed(0)} ms: ${p99Ratio.toFixed(1)} times shorter, ${(extraCalls * 100).toFixed(1)}% extra calls`,
    '',
  ].join('\n');
}

export function sayIndex(size: number, { p50Ms, p99Ms, recall10, buildS, heldMs, mb }: Scale): string {
  return `index of ${size} agents: a decision p50 ${p50Ms.toFixed(3)} ms, p99 ${p99Ms.toFixed(3)} ms; recall@10 ${recall10.toFixed(3)}; built in ${buildS.toFixed(1)} s (the thread held for at most ${heldMs.toFixed(0)} ms), ${mb.toFixed(0)} MB`;
}

export function sayTried(size: number, { reason, indexed, seconds, peakMb, p50Ms, p99Ms, recall10 }: Tried): string {
  const parts = [`${indexed} of them in ${seconds.toFixed(0)} s, ${peakMb} MB`];
  if (p50Ms !== undefined) parts.push(`a decision p50 ${p50Ms.toFixed(3)} ms, p99 ${p99Ms!.toFixed(3)} ms`);
  if (recall10 !== undefined) parts.push(`recall@10 ${recall10.toFixed(3)}`);
  if (reason !== undefined) parts.push(`ended: ${reason}`);
  return `index of ${size} agents, tried: ${parts.join('; ')}`;
}

export function sayShelves({ tools, shown, recall, recallOtherwise, tokensAll, tokensShown, turns }: Shelves): string {
  const spared = (1 - tokensShown / tokensAll) * 100;
  return `shelves: ${shown} of ${tools} tools shown; the one needed is there in ${(recall * 100).toFixed(1)}% (${(recallOtherwise * 100).toFixed(1)}% where what is to be done is said in other words); ${Math.round(tokensShown)} tokens instead of ${tokensAll} (${spared.toFixed(1)}% spared)
  in turns of a model with ${turns.tools} tools: ${(turns.done * 100).toFixed(1)}% of tasks called the tool they needed, ${(turns.lookedFor * 100).toFixed(1)}% had to look for it; ${Math.round(turns.tokensShelf)} tokens a task instead of ${Math.round(turns.tokensAll)} (${((1 - turns.tokensShelf / turns.tokensAll) * 100).toFixed(1)}% spared)
`;
}
