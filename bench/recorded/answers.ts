/** Recorded answers of a pool of models, put to protocols with trust from golden items only. */
import { createSeededChance } from '../../src/base/index.ts';
import { createCalibration, percent, shuffled, type Spread, spreadOf } from './draw.ts';
import type { Answers, Item } from './files.ts';
import { createTable, type Table } from './table.ts';

export interface Run {
  ours: Spread;
  auto: Spread;
  /** One agent, chosen by the golden items alone. */
  single: Spread;
  majority: Spread;
  ece: number;
  brierGain: number;
}

/** Each model's share right, over the whole file: for naming the pools only, no protocol sees it. */
export function accuracies({ models, items }: Answers): number[] {
  return models.map((_, i) => items.filter((item) => item.answers[i] === item.gold).length / items.length);
}

export function tableFor(answers: Answers, columns: readonly number[], price?: (agent: string) => number): Table {
  return createTable(
    columns.map((i) => answers.models[i]!),
    [...columns],
    price,
  );
}

/** So many golden items, the others tested; the mean over draws. */
export function measure(
  answers: Answers,
  columns: readonly number[],
  golden: number,
  draws: number,
  seed: string,
): Run {
  const ours: number[] = [];
  const auto: number[] = [];
  const single: number[] = [];
  const majority: number[] = [];
  const calibration = createCalibration();
  for (let draw = 0; draw < draws; draw++) {
    const order = shuffled(answers.items, `${seed}-${draw}`);
    const table = tableFor(answers, columns);
    for (const item of order.slice(0, golden)) table.learn(item);
    const test = order.slice(golden);
    ours.push(
      shareRight(test, (item) => {
        const asked = table.ask('weighted', item);
        calibration.note(asked.belief, asked.right);
        return asked.right;
      }),
    );
    auto.push(shareRight(test, (item) => table.ask('auto', item).right));
    single.push(shareRight(test, (item) => table.ask('best', item).right));
    majority.push(shareRight(test, (item) => table.ask('majority', item, { quorum: 1 }).right));
  }
  return {
    ours: spreadOf(ours),
    auto: spreadOf(auto),
    single: spreadOf(single),
    majority: spreadOf(majority),
    ece: calibration.ece(),
    brierGain: calibration.baseBrier() - calibration.brier(),
  };
}

function shareRight(items: readonly Item[], right: (item: Item) => boolean): number {
  let sum = 0;
  for (const item of items) if (right(item)) sum++;
  return sum / items.length;
}

/** The pool with identities added, whose answers are made by the attack. */
function joined(answers: Answers, names: readonly string[], say: (item: Item, i: number) => string): Answers {
  const items = answers.items.map((item, i) => {
    const word = say(item, i);
    return { ...item, answers: [...item.answers, ...names.map(() => word)] };
  });
  return { models: [...answers.models, ...names], items };
}

function wrongFor(item: Item, options: readonly string[], draw: number): string {
  const wrong = options.filter((one) => one !== item.gold);
  return wrong[Math.floor(draw * wrong.length)]!;
}

/** As many clones again as there are models, all with the same wrong answer every time. */
export function sybil(answers: Answers, clones: number, golden: number, draws: number, seed: string) {
  const options = [...new Set(answers.items.map((item) => item.gold))].sort();
  const chance = createSeededChance(`${seed}-sybil`);
  const names = Array.from({ length: clones }, (_, i) => `clone-${i}`);
  const attacked = joined(answers, names, (item) => wrongFor(item, options, chance.next()));
  const columns = attacked.models.map((_, i) => i);
  return measure(attacked, columns, golden, draws, seed);
}

export interface Sleeper {
  /** Points lost over the items after the betrayal, against the same pool without the family. */
  loss: Spread;
  /** Items until all of the family were suspended. */
  noticed: Spread;
}

const FAMILY = 5;
const BEHAVES = 500;
const AFTER = 1_000;
/** Golden ones, its good behaviour, and enough of what comes after. */
export const SLEEPER_ITEMS = 50 + BEHAVES + AFTER / 4;
/** How often a sleeper is right while it behaves: better than anybody, so that it is believed most. */
const LURE = 0.85;
/** One in so many of the items is golden, as in work under way. */
const GOLDEN_EVERY = 10;

/** A family that earns trust for 500 items, and then says the same wrong answer to every one of the next 1,000. */
export function sleeper(answers: Answers, golden: number, draws: number, seed: string): Sleeper {
  const options = [...new Set(answers.items.map((item) => item.gold))].sort();
  const loss: number[] = [];
  const noticed: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const order = shuffled(answers.items, `${seed}-${draw}`).slice(0, golden + BEHAVES + AFTER);
    const chance = createSeededChance(`${seed}-sleeper-${draw}`);
    const names = Array.from({ length: FAMILY }, (_, i) => `sleeper-${i}`);
    const mixed = joined({ ...answers, items: order }, names, (item, i) => {
      const behaves = i < golden + BEHAVES;
      const right = behaves && chance.next() < LURE;
      return right ? item.gold : wrongFor(item, options, chance.next());
    });
    const honest = tableFor(
      answers,
      answers.models.map((_, i) => i),
    );
    const infested = tableFor(
      mixed,
      mixed.models.map((_, i) => i),
    );
    let tests = 0;
    let without = 0;
    let withThem = 0;
    let seen = AFTER;
    for (const [i, item] of mixed.items.entries()) {
      const isGolden = i < golden || (i - golden) % GOLDEN_EVERY === 0;
      if (isGolden) {
        honest.learn(item);
        infested.learn(item);
        continue;
      }
      if (i >= golden + BEHAVES) {
        tests++;
        if (honest.ask('weighted', item).right) without++;
        if (infested.ask('weighted', item).right) withThem++;
        const all = names.every((name) => infested.trust.skills.questions?.drift[name]?.since !== undefined);
        if (all) seen = Math.min(seen, i - golden - BEHAVES);
      }
      honest.watch(item);
      infested.watch(item);
    }
    loss.push((without - withThem) / tests);
    noticed.push(seen);
  }
  return { loss: spreadOf(loss), noticed: spreadOf(noticed) };
}

export interface FrontierPoint {
  /** Calls to dear models, for each item. */
  cost: number;
  accuracy: number;
  asked: number;
  by: string;
}

/** A dear model's price, where a cheap one costs 1: what the cascade goes by. */
const DEAR_PRICE = 10;
const STOPS = [0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95];

/** Accuracy against calls to the models that are right on more than 60%. */
export function frontier(
  answers: Answers,
  dear: ReadonlySet<string>,
  golden: number,
  draws: number,
  seed: string,
): FrontierPoint[] {
  const points: FrontierPoint[] = [];
  const ways = [
    ...STOPS.map((stop) => ({ by: `cascade ${stop}`, spec: { by: 'cascade', stop, probes: 5 } })),
    { by: 'auto', spec: { by: 'auto' } },
    { by: 'best', spec: { by: 'best' } },
    { by: 'weighted', spec: { by: 'weighted' } },
  ];
  for (const { by, spec } of ways) {
    let cost = 0;
    let right = 0;
    let asked = 0;
    let n = 0;
    for (let draw = 0; draw < draws; draw++) {
      const order = shuffled(answers.items, `${seed}-${draw}`);
      const table = tableFor(
        answers,
        answers.models.map((_, i) => i),
        (agent) => (dear.has(agent) ? DEAR_PRICE : 1),
      );
      for (const item of order.slice(0, golden)) table.learn(item);
      for (const item of order.slice(golden)) {
        const one = table.ask(spec.by, item, spec);
        cost += one.asked.filter((agent) => dear.has(agent)).length;
        asked += one.asked.length;
        if (one.right) right++;
        n++;
      }
    }
    points.push({
      by,
      cost: Math.round((cost / n) * 1000) / 1000,
      accuracy: percent(right / n),
      asked: Math.round((asked / n) * 100) / 100,
    });
  }
  return points.sort((a, b) => a.cost - b.cost || a.accuracy - b.accuracy);
}
