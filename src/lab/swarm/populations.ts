/**
 * Populations of honest agents. How much a family errs alike is not chosen: it is solved for, so that two that are
 * wrong say the same wrong thing as often as recorded models do.
 */
import { createSeededChance } from '../../base/index.ts';
import { CATEGORIES, lureMeets } from './questions.ts';
import { BY_CHANCE, createVoice, type Voice } from './voice.ts';

/** Recorded: 41% of pairs that are both wrong are wrong in the same way, against 11% by chance. */
export const RECORDED_COLLIDE = 0.41;

interface PopulationShape {
  about: string;
  /** Mean accuracies. */
  accuracy: readonly number[];
  /** Agents in each family; they fill all seats. */
  families: readonly number[];
}

const THREES = [3, 3, 3, 3];
const even = (n: number, from: number, to: number) =>
  Array.from({ length: n }, (_, i) => from + ((to - from) * i) / Math.max(1, n - 1));

export const populations = {
  mixed: { about: 'twelve from 30% to 70%, families of three', accuracy: even(12, 0.3, 0.7), families: THREES },
  even: { about: 'twelve of about 55%, families of three', accuracy: even(12, 0.53, 0.57), families: THREES },
  weak: { about: 'twelve from 25% to 46%, families of three', accuracy: even(12, 0.25, 0.46), families: THREES },
  star: {
    about: 'one of 85% among eleven from 30% to 45%',
    accuracy: [...even(11, 0.3, 0.45), 0.85],
    families: THREES,
  },
  kin: {
    about: 'twelve from 40% to 60%, one family of nine and three alone',
    accuracy: even(12, 0.4, 0.6),
    families: [9, 1, 1, 1],
  },
} satisfies Record<string, PopulationShape>;

export type PopulationName = keyof typeof populations;

/** An agent is better at some things than at others by up to this. */
const UNEVEN = 0.12;

export interface Population {
  voices: Voice[];
  /** Of wrong answers, the share that is the family's; solved for. */
  lured: number;
}

export function populate(name: PopulationName, seed: string): Population {
  const { accuracy, families } = populations[name];
  // Families hold strong and weak: they are dealt out.
  const chance = createSeededChance(`${seed}/families`);
  const order = accuracy.map((_, i) => ({ i, at: chance.next() })).sort((a, b) => a.at - b.at);
  const seats = families.flatMap((size, family) => Array.from({ length: size }, () => family));
  const familyOf = new Map(order.map(({ i }, place) => [i, seats[place]!]));
  const lured = luredFor(accuracy, familyOf);
  const voices = accuracy.map((mean, i) => {
    const own = createSeededChance(`${seed}/agent/${i}`);
    const tilt = CATEGORIES.map(() => (own.next() * 2 - 1) * UNEVEN);
    const level = tilt.reduce((a, b) => a + b, 0) / tilt.length;
    const at = Object.fromEntries(CATEGORIES.map((category, c) => [category, mean + tilt[c]! - level]));
    return createVoice({
      seed,
      name: `agent-${String(i + 1).padStart(2, '0')}`,
      family: `family-${familyOf.get(i)!}`,
      accuracy: at,
      lured,
      // Who answers better mostly judges better, and one in six not at all.
      discernment: own.yes(1 / 6) ? 0 : 0.6 + 2 * mean,
      position: own.next(),
      verbosity: own.next() * 0.8,
      conformity: 0.2 + 0.4 * own.next(),
    });
  });
  return { voices, lured };
}

/** Both take the lure, and it is the same; else they meet by chance. */
function luredFor(accuracy: readonly number[], familyOf: ReadonlyMap<number, number>): number {
  let kin = 0;
  let all = 0;
  for (const [i, a] of accuracy.entries())
    for (const [j, b] of accuracy.entries()) {
      if (j >= i) continue;
      const both = (1 - a) * (1 - b);
      all += both;
      if (familyOf.get(i) === familyOf.get(j)) kin += both;
    }
  const share = kin / all;
  const meets = share + (1 - share) * lureMeets();
  return Math.min(1, Math.sqrt((RECORDED_COLLIDE - BY_CHANCE) / (meets - BY_CHANCE)));
}

/** Of pairs of honest first answers that are both wrong, how many are the same. */
export function collisions(said: readonly (readonly number[])[], right: readonly number[]): number {
  let same = 0;
  let pairs = 0;
  for (const [q, answers] of said.entries())
    for (const [i, a] of answers.entries())
      for (let j = 0; j < i; j++) {
        const b = answers[j]!;
        if (a === right[q] || b === right[q]) continue;
        pairs++;
        if (a === b) same++;
      }
  return pairs === 0 ? 0 : same / pairs;
}
