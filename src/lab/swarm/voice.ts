/**
 * Who answers, revises and judges: simulated, each draw by the seed, the name and the question, so that nobody's
 * asking changes what another says.
 */
import { createSeededChance, type SeededChance } from '../../base/index.ts';
import { normal, OPTIONS, type Question, wrongOf } from './questions.ts';

/** When a question is asked: before work, in its first half, in its second. */
export type Season = 'exam' | 'early' | 'late';

export interface Said {
  /** A letter. */
  answer: string;
  confidence: number;
  /** How long it is: some judges take that for worth. */
  words: number;
}

export interface Voice {
  name: string;
  adversary: boolean;
  /** `time`: how often it was asked this before. */
  answer(q: Question, season: Season, time: number): Said;
  /** Asked again beside what others said; `holders` is how many hold each, where that is told. */
  revise(q: Question, season: Season, own: Said, shown: readonly Said[], holders: readonly number[]): Said;
  /** How good an answer looks to it, as log-odds; above 0 it would call it good. */
  merit(q: Question, said: Said): number;
  /** Log-odds that the first of two gets for being first. */
  position: number;
}

export interface HonestOptions {
  seed: string;
  name: string;
  family: string;
  adversary?: boolean;
  /** By category, over all difficulties. */
  accuracy: Readonly<Record<string, number>>;
  /** Of its wrong answers, how many are the one that looks right to its family. */
  lured: number;
  conformity?: number;
  /** Log-odds by which a right answer looks better to it than a wrong one. */
  discernment?: number;
  position?: number;
  /** Log-odds for every hundred words. */
  verbosity?: number;
}

/** How much difficulty, in its standard deviations, takes from the log-odds of being right. */
const HARD = 1.2;
/** Spreading log-odds by HARD draws the mean to a half; this undoes it (the usual probit bridge). */
const SPREAD = Math.sqrt(1 + 0.346 * HARD * HARD);
/** Asked again it mostly says the same. */
const STUBBORN = 0.7;
/** Claimed, as log-odds: too sure, hardly surer when right, and mostly a matter of chance. */
const CLAIM = { base: 1.2, right: 0.25, noise: 1.5 };
/** How good the right answer and the wrong one that looks right look to one that said neither; its own looks like 1. */
const LOOKS = 0.3;
/** Judgements differ from one to the next by so much, in log-odds. */
const WAVERS = 0.8;

export function letter(option: number): string {
  return String.fromCharCode(65 + option);
}

export function optionOf({ answer }: Said): number {
  return answer.charCodeAt(0) - 65;
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

export function createVoice(options: HonestOptions): Voice {
  const { seed, name, family, accuracy, lured } = options;
  const { conformity = 0.35, discernment = 1.5, position = 0.4, verbosity = 0.3 } = options;

  function once(q: Question, time: number): Said {
    const chance = createSeededChance(`${seed}/${name}/${q.i}/${time}`);
    const p = Math.min(0.99, Math.max(0.01, accuracy[q.category]!));
    const odds = Math.log(p / (1 - p)) * SPREAD - HARD * q.difficulty;
    const isRight = chance.next() < sigmoid(odds);
    const option = isRight ? q.right : chance.yes(lured) ? q.lureOf(family) : wrongOf(q.right, chance);
    return { answer: letter(option), confidence: claim(isRight, chance), words: 40 + chance.int(120) };
  }

  return {
    name,
    adversary: options.adversary ?? false,
    position,
    answer(q, _season, time) {
      const first = once(q, 0);
      if (time === 0 || createSeededChance(`${seed}/${name}/${q.i}/again/${time}`).yes(STUBBORN)) return first;
      return once(q, time);
    },
    revise(q, _season, own, shown, holders) {
      const chance = createSeededChance(`${seed}/${name}/${q.i}/revise/${shown.map((one) => one.answer).join('')}`);
      if (shown.length === 0 || !chance.yes(conformity)) return own;
      // What many hold pulls, right or wrong: talk by itself makes nobody righter.
      const pull = shown.map((_, i) => holders[i] ?? 1);
      let draw = chance.next() * pull.reduce((a, b) => a + b, 0);
      const taken = shown[pull.findIndex((one) => (draw -= one) < 0)] ?? own;
      return { ...own, answer: taken.answer };
    },
    merit(q, said) {
      const option = optionOf(said);
      const others = option === q.right || option === q.lureOf(family) ? LOOKS : 0;
      const looks = once(q, 0).answer === said.answer ? 1 : others;
      const wavers = WAVERS * normal(createSeededChance(`${seed}/${name}/${q.i}/merit/${said.answer}`));
      return discernment * (2 * looks - 1) + verbosity * (said.words / 100 - 1) + wavers;
    },
  };
}

function claim(isRight: boolean, chance: SeededChance): number {
  const odds = CLAIM.base + (isRight ? CLAIM.right : -CLAIM.right) + CLAIM.noise * normal(chance);
  return Math.round(sigmoid(odds) * 100) / 100;
}

/** By chance two wrong answers are the same so often. */
export const BY_CHANCE = 1 / (OPTIONS - 1);
