/** Questions with ten answers, of which one is right; some are harder, and each has a wrong answer that looks right. */
import { createSeededChance, type SeededChance } from '../../base/index.ts';

export const OPTIONS = 10;
export const CATEGORIES = ['law', 'physics', 'history', 'code'] as const;
/** A family has its own wrong answer where it has not the one that looks right to all. */
const SAME_LURE = 0.7;

export interface Question {
  i: number;
  category: (typeof CATEGORIES)[number];
  /** About normal: 0 is the middle, 1 harder than five in six. */
  difficulty: number;
  right: number;
  /** The wrong answer that looks right to everybody. */
  lure: number;
  /** The one that looks right to a family. */
  lureOf(family: string): number;
}

export function question(seed: string, i: number): Question {
  const chance = createSeededChance(`${seed}/question/${i}`);
  const category = chance.pick(CATEGORIES);
  const difficulty = normal(chance);
  const right = chance.int(OPTIONS);
  const lure = wrongOf(right, chance);
  const known = new Map<string, number>();
  return {
    i,
    category,
    difficulty,
    right,
    lure,
    lureOf(family) {
      let own = known.get(family);
      if (own === undefined) {
        const draw = createSeededChance(`${seed}/lure/${i}/${family}`);
        known.set(family, (own = draw.yes(SAME_LURE) ? lure : wrongOf(right, draw)));
      }
      return own;
    },
  };
}

export function wrongOf(right: number, chance: SeededChance): number {
  return (right + 1 + chance.int(OPTIONS - 1)) % OPTIONS;
}

/** How often two of different families have the same lure. */
export function lureMeets(): number {
  return SAME_LURE ** 2 + (1 - SAME_LURE ** 2) / (OPTIONS - 1);
}

/** Four evens, spread as a normal is. */
export function normal(chance: SeededChance): number {
  return (chance.next() + chance.next() + chance.next() + chance.next() - 2) * Math.sqrt(3);
}
