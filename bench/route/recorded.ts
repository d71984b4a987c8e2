/**
 * Recorded answers of twenty models to six thousand questions, replayed: one model is asked a question, whether it was
 * right is told fifty questions later. A model's price is its rank by accuracy. Nothing is simulated but the order.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSeededChance, Fault } from '../../src/base/index.ts';
import { atRandom, type Choosable, ours, plainLinUcb, type Side } from '../../src/lab/market/index.ts';
import { DEFAULT_BY, DEFAULT_EXPLORE } from '../../src/site/route/index.ts';

export interface Point {
  policy: string;
  /** What a unit of price counts against a right answer, or the threshold. */
  at?: number;
  accuracy: number;
  cost: number;
}

interface Model extends Choosable {
  i: number;
  accuracy: number;
}

interface Question {
  category: number;
  right: boolean[];
}

export const DELAY = 50;
const WEIGHTS = [0, 0.05, 0.1, 0.2, 0.4, 0.8];
const THRESHOLDS = [0.05, 0.1, 0.15, 0.2, 0.3, 0.5];
const ORDERS = 3;

/** Where it is told to, or else beside the repository, wherever its checkout stands. */
export function findAnswers(given: string | undefined): string | undefined {
  if (given !== undefined) return given;
  const name = 'shared/data/mmlu-pro-answers.jsonl';
  const root = join(import.meta.dirname, '..', '..');
  return [join(root, '..', name), join(root, '..', '..', name)].find((path) => existsSync(path));
}

export interface Answers {
  names: string[];
  categories: string[];
  questions: Question[];
}

export function readAnswers(path: string): Answers {
  const [head, ...lines] = readLines(path);
  const names = head?.['models'];
  const isNames = Array.isArray(names) && names.length > 1 && names.every((one) => typeof one === 'string');
  if (!isNames || lines.length === 0)
    throw notAnswers(path, 1, 'a first line {"models": [...]} with at least two names, and a line for each question');
  const categories: string[] = [];
  const questions = lines.map((line, i): Question => {
    const { category, gold, answers } = line;
    if (typeof category !== 'string' || typeof gold !== 'string' || typeof answers !== 'string')
      throw notAnswers(path, i + 2, 'an object with the texts `category`, `gold` and `answers`');
    const letters = Array.from(answers);
    if (letters.length !== names.length) throw notAnswers(path, i + 2, `${names.length} letters in \`answers\``);
    if (!categories.includes(category)) categories.push(category);
    return { category: categories.indexOf(category), right: letters.map((one) => one === gold) };
  });
  return { names, categories, questions };
}

export function replayRecorded({ names, categories, questions }: Answers): Point[] {
  const models = names.map((name, i): Model => ({ name, i, price: 0, accuracy: share(questions, i) }));
  const ranked = models.toSorted((a, b) => a.accuracy - b.accuracy);
  ranked.forEach((model, rank) => (model.price = (rank + 1) / models.length));
  return policies(models, questions, categories.length);
}

function readLines(path: string): Record<string, unknown>[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new Fault('not-found', `the recorded answers cannot be read: ${(thrown as Error).message}`);
  }
  return text
    .trim()
    .split('\n')
    .map((line, i) => {
      try {
        const read: unknown = JSON.parse(line);
        if (typeof read === 'object' && read !== null) return read as Record<string, unknown>;
      } catch {}
      throw notAnswers(path, i + 1, 'a JSON object');
    });
}

function notAnswers(path: string, line: number, wanted: string): Fault {
  return new Fault('input.invalid', `${path} holds no recorded answers: line ${line} should be ${wanted}`);
}

function policies(models: Model[], questions: Question[], n: number): Point[] {
  const points: Point[] = [];
  const orders = Array.from({ length: ORDERS }, (_, i) => shuffled(questions, `order-${i}`));
  const play = (policy: string, at: number | undefined, make: (seed: string) => Side<Model>): void => {
    const runs = orders.map((order, i) => playOrder(order, make(`${i}`)));
    points.push({
      policy,
      at,
      accuracy: mean(runs.map((run) => run.accuracy)),
      cost: mean(runs.map((run) => run.cost)),
    });
  };
  const fixed = (model: Model): Side<Model> => ({ pick: () => model, learn() {} });
  const best = models.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
  const cheapest = models.reduce((a, b) => (b.price < a.price ? b : a));
  play('best single', undefined, () => fixed(best));
  play('cheapest', undefined, () => fixed(cheapest));
  play('random', undefined, (seed) => atRandom(models, { seed, categories: n, priceWeight: 0 }));
  for (const priceWeight of WEIGHTS) {
    const how = (seed: string) => ({ seed, categories: n, priceWeight });
    play('ours', priceWeight, (seed) =>
      ours(models, how(seed), { by: DEFAULT_BY, explore: DEFAULT_EXPLORE[DEFAULT_BY] }),
    );
    const thompson = { by: 'thompson', explore: DEFAULT_EXPLORE.thompson } as const;
    play('ours, by thompson', priceWeight, (seed) => ours(models, how(seed), thompson));
    play('plain LinUCB', priceWeight, (seed) => plainLinUcb(models, how(seed)));
    play('category oracle', priceWeight, () => categoryOracle(models, questions, n, priceWeight));
  }
  const weak = models.toSorted((a, b) => a.price - b.price)[Math.floor(models.length / 2)]!;
  for (const threshold of THRESHOLDS)
    play('two tiers by threshold', threshold, () => twoTiers(best, weak, n, threshold));
  return points;
}

/** Hindsight: the model that was best for each category, at this weight of price. */
function categoryOracle(models: Model[], questions: Question[], n: number, priceWeight: number): Side<Model> {
  const bests = Array.from({ length: n }, (_, category) => {
    const its = questions.filter((one) => one.category === category);
    const worth = (m: Model): number => share(its, m.i) - priceWeight * m.price;
    return models.reduce((a, b) => (worth(b) > worth(a) ? b : a));
  });
  return { pick: (category) => bests[category]!, learn() {} };
}

/** As RouteLLM: the strong one where it is likely enough to be right when the weak one is not. By category, learned. */
function twoTiers(strong: Model, weak: Model, n: number, threshold: number): Side<Model> {
  const seen = [strong, weak].map(() => Array.from({ length: n }, () => ({ right: 1, of: 2 })));
  const rate = (tier: number, category: number): number => seen[tier]![category]!.right / seen[tier]![category]!.of;
  return {
    pick(category, t) {
      // One in twenty is asked of the other tier, or it would never be known.
      const probe = t % 20 === 0 ? (t / 20) % 2 : undefined;
      if (probe !== undefined) return probe === 0 ? strong : weak;
      return rate(0, category) * (1 - rate(1, category)) > threshold ? strong : weak;
    },
    learn(model, category, reward) {
      const its = seen[model === strong ? 0 : 1]![category]!;
      its.right += reward;
      its.of++;
    },
  };
}

function playOrder(order: readonly Question[], side: Side<Model>): { accuracy: number; cost: number } {
  const told: { model: Model; category: number; right: boolean }[] = [];
  let [right, cost] = [0, 0];
  order.forEach((question, t) => {
    const late = told[t - DELAY];
    if (late !== undefined) side.learn(late.model, late.category, late.right ? 1 : 0);
    const model = side.pick(question.category, t);
    const isRight = question.right[model.i]!;
    told.push({ model, category: question.category, right: isRight });
    right += isRight ? 1 : 0;
    cost += model.price;
  });
  return { accuracy: right / order.length, cost: cost / order.length };
}

function share(questions: readonly Question[], i: number): number {
  return questions.filter((one) => one.right[i]).length / questions.length;
}

function shuffled<T>(list: readonly T[], seed: string): T[] {
  const chance = createSeededChance(seed);
  const all = [...list];
  for (let i = all.length - 1; i > 0; i--) {
    const j = chance.int(i + 1);
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}

function mean(of: readonly number[]): number {
  return of.reduce((a, b) => a + b, 0) / of.length;
}
