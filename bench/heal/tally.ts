/** Sums over scenarios, ours and the yardstick's. */
import type { Scenario } from './graph.ts';
import type { Judged } from './judge.ts';
import { bestWay, leftOver } from './oracle.ts';
import { routeAndRun } from './router.ts';

interface Sums {
  succeeded: number;
  silent: number;
  duplicateEffects: number;
  orphans: number;
  modelCalls: number;
  paid: number;
  oracle: number;
}

export interface Tally {
  total: number;
  /** Nothing at all was held against it. */
  right: number;
  foreknown: number;
  lawful: number;
  wrongCutSets: number;
  ours: Sums;
  router: Sums;
}

const NO_SUMS: Sums = { succeeded: 0, silent: 0, duplicateEffects: 0, orphans: 0, modelCalls: 0, paid: 0, oracle: 0 };

export function emptyTally(): Tally {
  return {
    total: 0,
    right: 0,
    foreknown: 0,
    lawful: 0,
    wrongCutSets: 0,
    ours: { ...NO_SUMS },
    router: { ...NO_SUMS },
  };
}

export function take(tally: Tally, scenario: Scenario, judged: Judged, isRight: boolean): void {
  const { ours, router } = tally;
  tally.total++;
  if (isRight) tally.right++;
  if (judged.foreknown) tally.foreknown++;
  if (judged.lawful) tally.lawful++;
  if (judged.wrongCut) tally.wrongCutSets++;
  if (judged.succeeded) ours.succeeded++;
  ours.silent += judged.silent;
  ours.duplicateEffects += judged.duplicateEffects;
  ours.orphans += judged.orphans;
  ours.modelCalls += judged.modelCalls;
  ours.paid += judged.paid?.ours ?? 0;
  ours.oracle += judged.paid?.oracle ?? 0;
  const routed = routeAndRun(scenario);
  const best = bestWay(scenario);
  const stands = new Set(routed.deeds.filter((deed) => deed.effect !== 'pure').map((deed) => deed.call));
  const over = leftOver(scenario.graph, new Set(routed.deeds.map((deed) => deed.call)), stands);
  router.modelCalls += routed.modelCalls;
  router.duplicateEffects += over.twice;
  router.orphans += over.orphans.length;
  if (routed.reported === 'success' && !routed.whole) router.silent++;
  if (routed.whole) router.succeeded++;
  if (routed.whole && best !== undefined) {
    router.paid += routed.cost;
    router.oracle += best.cost;
  }
}

export function rowOf(tally: Tally) {
  const { total, right, foreknown, lawful, wrongCutSets, ours, router } = tally;
  const { succeeded, duplicateEffects, orphans, silent, modelCalls } = ours;
  const costRatio = ours.oracle === 0 ? 1 : round(ours.paid / ours.oracle);
  return {
    total,
    right,
    foreknown,
    lawful,
    succeeded,
    duplicateEffects,
    orphans,
    silent,
    modelCalls,
    costRatio,
    wrongCutSets,
    router: {
      succeeded: router.succeeded,
      duplicateEffects: router.duplicateEffects,
      orphans: router.orphans,
      silent: router.silent,
      modelCalls: router.modelCalls,
      costRatio: router.oracle === 0 ? 1 : round(router.paid / router.oracle),
    },
  };
}

export function tell(name: string, tally: Tally): string {
  const row = rowOf(tally);
  const both = (what: 'succeeded' | 'duplicateEffects' | 'orphans' | 'silent' | 'modelCalls' | 'costRatio') =>
    `${row[what]} [${row.router[what]}]`;
  return [
    `${name}: ${row.right} of ${row.total} as they must be;`,
    `a way was there ${row.lawful}, found ${both('succeeded')};`,
    `done twice ${both('duplicateEffects')}, orphaned ${both('orphans')}, silent ${both('silent')},`,
    `model calls ${both('modelCalls')}, cost to the oracle's ${both('costRatio')}, wrong cut sets ${row.wrongCutSets}`,
  ].join(' ');
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
