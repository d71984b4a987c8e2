/** Recorded answers and verdicts of real models, replayed through the real protocols. */
import { parseArgs } from 'node:util';
import type { Suite } from '../main.ts';
import { Mistake, numberIn } from '../mistake.ts';
import { accuracies, frontier, measure, type Run, sleeper, SLEEPER_ITEMS, sybil } from './answers.ts';
import { bounds } from './bound.ts';
import { percent, shuffled } from './draw.ts';
import { type Answers, findFiles, readAnswers, readVerdicts } from './files.ts';
import { verdictFigures } from './verdicts.ts';

/** The mid pool of the issue: models that are right on between so much. */
const MID = [0.25, 0.46] as const;
/** Calls to models above this are what the frontier counts. */
const DEAR = 0.6;
const CLONES = 20;
const GOLDEN_PAIRS = 20;
const FEWEST_MODELS = 3;
/** A spread takes two draws; more than so many are a night. */
const FEWEST_DRAWS = 2;
const MOST_DRAWS = 1_000;
/** Models in the first of the drawn pools; each further one has one more. */
const SUBSET_LEAST = 7;
/** Golden items of the beliefs whose bound is asked for, and fewer labels than are worth a fit. */
const BOUND_GOLDEN = 200;
const FEWEST_LABELS = 50;
/** Questions left to be tested on, below which a share says nothing. */
const FEWEST_TESTS = 50;

export const about: Suite['about'] = 'recorded answers and verdicts of real models through the real protocols';

export const run: Suite['run'] = async (flags) => {
  const { values } = parseArgs({
    args: flags,
    options: {
      data: { type: 'string' },
      answers: { type: 'string' },
      verdicts: { type: 'string' },
      draws: { type: 'string', default: '20' },
      seed: { type: 'string', default: 'golden' },
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      subsets: { type: 'string' },
      bound: { type: 'string' },
    },
  });
  const files = findFiles(values);
  const draws = values.quick ? 3 : numberIn('--draws', values.draws, FEWEST_DRAWS, MOST_DRAWS);
  const say = values.json ? () => {} : (line: string) => console.log(line);
  if (files.answers === undefined && files.verdicts === undefined) {
    say(
      'There is no recorded data here (it is not shipped): name a file with --answers or --verdicts, or a folder with --data; docs/agreement.md has the shape. Skipped.',
    );
    if (values.json) console.log(JSON.stringify({ skipped: 'no data' }));
    return 0;
  }
  if (values.subsets !== undefined && files.answers !== undefined) {
    const subsets = measureSubsets(
      readAnswers(files.answers),
      numberIn('--subsets', values.subsets, 1, MOST_DRAWS),
      draws,
      values.seed,
      say,
    );
    if (values.json) console.log(JSON.stringify({ subsets }));
    return 0;
  }
  if (values.bound !== undefined && files.answers !== undefined) {
    const labels = values.bound.split(',').map(Number);
    if (!labels.every((n) => Number.isInteger(n) && n >= FEWEST_LABELS))
      throw new Mistake(`--bound takes whole numbers from ${FEWEST_LABELS}, as 200,750,4800`);
    const found = bounds(readAnswers(files.answers), BOUND_GOLDEN, labels, draws, values.seed);
    for (const { labels: n, features, fitted, own } of found)
      say(`Brier gain ${fitted} by a fit of ${features} features on ${n} labels more, ours ${own} (${draws} draws)`);
    if (values.json) console.log(JSON.stringify({ bound: found }));
    return 0;
  }
  const result: Record<string, unknown> = {};
  if (files.answers !== undefined)
    Object.assign(result, answersReport(readAnswers(files.answers), draws, values.seed, say));
  if (files.verdicts !== undefined) {
    const pairs = readVerdicts(files.verdicts);
    const sets = [...new Set(pairs.map((pair) => pair.set))];
    const verdicts: Record<string, unknown> = {};
    const pairDraws = values.quick ? 5 : Math.max(50, draws);
    for (const set of sets)
      verdicts[set] = verdictFigures(
        pairs.filter((p) => p.set === set),
        GOLDEN_PAIRS,
        pairDraws,
        `${values.seed}-${set}`,
      );
    verdicts.mixed = verdictFigures(pairs, GOLDEN_PAIRS * sets.length, pairDraws, `${values.seed}-mixed`);
    for (const [set, one] of Object.entries(verdicts)) say(`verdicts ${set}: ${JSON.stringify(one)}`);
    result.verdicts = verdicts;
  }
  if (values.json) console.log(JSON.stringify(result));
  return 0;
};

function answersReport(answers: Answers, draws: number, seed: string, say: (line: string) => void) {
  const share = accuracies(answers);
  const all = answers.models.map((_, i) => i);
  const mid = all.filter((i) => share[i]! > MID[0] && share[i]! < MID[1]);
  const dear = new Set(answers.models.filter((_, i) => share[i]! > DEAR));
  const line = (name: string, { ours, auto, single, majority, ece, brierGain }: Run): void =>
    say(
      `${name}: weighted ${show(ours)}, auto ${show(auto)}, one agent by golden items ${show(single)}, ` +
        `majority ${show(majority)}; calibration error ${percent(ece)}, Brier gain ${percent(brierGain)}`,
    );
  /** A file of few questions has figures where some are left to be tested on. */
  const measured = (name: string, columns: readonly number[], golden: number): Run | undefined => {
    if (columns.length < FEWEST_MODELS || answers.items.length < golden + FEWEST_TESTS) {
      say(`${name}: left out, for it takes ${FEWEST_MODELS} models and ${golden + FEWEST_TESTS} questions`);
      return undefined;
    }
    const one = measure(answers, columns, golden, draws, seed);
    line(name, one);
    return one;
  };
  const golden50 = measured('50 golden items', all, 50);
  const golden200 = measured('200 golden items', all, 200);
  const mid200 = measured(`${mid.length} middling models, 200 golden items`, mid, 200);
  const attacked = golden50 && sybil(answers, CLONES, 50, draws, seed);
  if (attacked !== undefined) line(`${CLONES} clones that say the same wrong thing, 50 golden items`, attacked);
  const fewer = Math.min(5, draws);
  const betrayed = answers.items.length < SLEEPER_ITEMS ? undefined : sleeper(answers, 50, fewer, seed);
  if (betrayed !== undefined)
    say(
      `a sleeper family: loses ${show(betrayed.loss)} points after its betrayal; suspended after ${betrayed.noticed.mean} items (${fewer} draws)`,
    );
  const points = golden200 === undefined ? [] : frontier(answers, dear, 200, Math.min(3, draws), seed);
  for (const p of points) say(`${p.by.padEnd(14)} ${p.cost} dear calls an item, ${p.asked} asked, ${p.accuracy} right`);
  const percentOf = (share: number | undefined): number | undefined =>
    share === undefined ? undefined : percent(share);
  return {
    answers: {
      best: percent(Math.max(...share)),
      majority: percentOf((golden200 ?? golden50)?.majority.mean),
      golden50: percentOf(golden50?.ours.mean),
      golden50Spread: percentOf(golden50?.ours.spread),
      golden50Single: percentOf(golden50?.single.mean),
      golden200: percentOf(golden200?.ours.mean),
      golden200Spread: percentOf(golden200?.ours.spread),
      mid200: percentOf(mid200?.ours.mean),
      mid200Best: mid.length > 0 ? percent(Math.max(...mid.map((i) => share[i]!))) : undefined,
      mid200Majority: percentOf(mid200?.majority.mean),
      ece200: percentOf(golden200?.ece),
      sybil: percentOf(attacked?.ours.mean),
      sybilMajority: percentOf(attacked?.majority.mean),
      sleeperLoss: percentOf(betrayed?.loss.mean),
      sleeperNoticed: betrayed?.noticed.mean,
      frontier: points,
    },
    brierGain: percentOf(golden200?.brierGain),
  };
}

/** Pools drawn from the file's models: what was chosen while looking at one pool must hold in others. */
function measureSubsets(answers: Answers, n: number, draws: number, seed: string, say: (line: string) => void) {
  const share = accuracies(answers);
  return Array.from({ length: n }, (_, i) => {
    const columns = shuffled(answers.models.keys().toArray(), `${seed}-subset-${i}`).slice(0, SUBSET_LEAST + i);
    const best = percent(Math.max(...columns.map((c) => share[c]!)));
    const [few, many] = [50, 200].map((golden) => measure(answers, columns, golden, draws, seed));
    say(
      `${columns.length} models, best ${best}: 50 golden ${show(few!.ours)} (one agent ${show(few!.single)}), ` +
        `200 golden ${show(many!.ours)} (one agent ${show(many!.single)}, majority ${show(many!.majority)}); ` +
        `calibration error ${percent(many!.ece)}, Brier gain ${percent(many!.brierGain)}`,
    );
    return {
      models: columns.length,
      best,
      golden50: percent(few!.ours.mean),
      golden50Single: percent(few!.single.mean),
      golden200: percent(many!.ours.mean),
      golden200Single: percent(many!.single.mean),
      majority: percent(many!.majority.mean),
      ece200: percent(many!.ece),
      brierGain: percent(many!.brierGain),
    };
  });
}

function show({ mean, spread }: { mean: number; spread: number }): string {
  return `${percent(mean).toFixed(1)} (${percent(spread).toFixed(1)})`;
}
