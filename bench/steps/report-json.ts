/** What `--json` prints on the last line. */
import type { Figures } from './engine.ts';
import type { Rounds } from './measure.ts';
import { isEngine, PAIRS } from './report.ts';
import { FLOOR, OWN, type Subject } from './subjects.ts';

const FIGURES: (keyof Figures)[] = ['one', 'hundred', 'graph', 'sleepingMs', 'sleepingGraphMs'];

/** The object on the last line under --json; null where nothing was measured. */
export function reportJson(rounds: Rounds, subjects: readonly Subject[], missing: ReadonlyMap<string, string>): object {
  const of = (key: string, figure: string) => rounds.figure(key, figure) ?? null;
  const ratios = (own: string, other: string) =>
    Object.fromEntries(FIGURES.map((figure) => [figure, rounds.ratio(figure, own, other) ?? null]));
  const engines = (group: readonly Subject[]) =>
    Object.fromEntries(
      group.filter(isEngine).map(({ key }) => {
        const { name, kept, version } = rounds.answers(key)[0] ?? {};
        const failed = rounds.failures(key)[0];
        const medians = Object.fromEntries(FIGURES.map((figure) => [figure, of(key, figure)]));
        return [key, { name, kept, version, ...medians, ...(failed ? { failed } : {}) }];
      }),
    );
  const peers = {
    ...engines(subjects.filter(({ group }) => group === 'peer')),
    ...Object.fromEntries([...missing].map(([name, failed]) => [name, { failed }])),
  };
  return {
    suite: 'steps',
    rounds: rounds.rounds,
    durable: {
      one: of('durable', 'one'),
      oneBarrier: of('durableBarrier', 'one'),
      hundred: of('durable', 'hundred'),
      hundredBarrier: of('durableBarrier', 'hundred'),
    },
    memory: { hundred: of('memory', 'hundred') },
    floor: {
      rawAppend100: of('raw', 'append100'),
      journal40: of('journal40', 'hundred'),
      journal40One: of('journal40', 'one'),
      journal40Wide: of('journal40Wide', 'hundred'),
      journal40WideOne: of('journal40Wide', 'one'),
      syncMicros: of('raw', 'syncMicros'),
    },
    sleeping: {
      // Of journal40's time, whose own is the ideal and a little.
      ratio: rounds.ratio('sleepingMs', 'durable', 'journal40') ?? null,
      graphRatio: rounds.ratio('sleepingGraphMs', 'durable', 'journal40') ?? null,
      bytesPerRun1000: of('bytes1000', 'bytesPerRun'),
      bytesPerRun50000: of('bytes50000', 'bytesPerRun'),
      bytesPerRunEvicted: of('bytesEvicted', 'bytesPerRun'),
    },
    resume: { firstMs: of('resume', 'firstMs'), allMs: of('resume', 'allMs') },
    loop: {
      turnsPerS: of('loop', 'turnsPerS'),
      bytesPerTurnSlope: of('loop', 'bytesPerTurnSlope'),
    },
    peers,
    engines: engines([...FLOOR, ...OWN]),
    ratios: Object.fromEntries(PAIRS.map(([own, other]) => [`${own}/${other}`, ratios(own, other)])),
  };
}
