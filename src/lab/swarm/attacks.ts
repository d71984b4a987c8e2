/** Adversaries. Each kind is a way to gain weight or to use it; none knows which questions are golden. */
import { createSeededChance } from '../../base/index.ts';
import { CATEGORIES, OPTIONS, type Question } from './questions.ts';
import { createVoice, letter, optionOf, type Said, type Voice } from './voice.ts';

export const attacks = {
  constant: 'the same answer to everything',
  inflater: 'right on one in five, always says that it is certain, at length',
  clones: 'one middling model under many names',
  ring: 'two wrong answers shared out among them; as judges they praise each other and nobody else',
  sleeper: 'right on 85% until half of the work is done, then all say the same wrong answer',
  copier: 'each says what one honest agent says: its commitment, handed in again under another name',
  switch: 'right on 85% in the exam, and another model, right on one in five, from the first day',
} as const;

export type AttackName = keyof typeof attacks;

const GOOD = 0.85;
const MIDDLING = 0.42;
const POOR = 0.2;
/** What an adversary says of itself. */
const CLAIMED = 0.95;
/** It is certain in any order. */
const CERTAIN = 8;

export function createAdversaries(attack: AttackName, n: number, honest: readonly Voice[], seed: string): Voice[] {
  return Array.from({ length: n }, (_, i) => ({ ...adversary(attack, i, honest, seed), name: `${attack}-${i + 1}` }));
}

function adversary(attack: AttackName, i: number, honest: readonly Voice[], seed: string): Voice {
  const own = (accuracy: number, name: string): Voice =>
    createVoice({
      seed,
      name,
      family: attack,
      adversary: true,
      accuracy: Object.fromEntries(CATEGORIES.map((category) => [category, accuracy])),
      lured: 0.5,
    });
  const plain = (option: number): Said => ({ answer: letter(option), confidence: CLAIMED, words: 100 });
  /** Keeps to what it says, and praises that alone. */
  const stuck = (says: (q: Question, season: Parameters<Voice['answer']>[1]) => Said): Voice => ({
    name: attack,
    adversary: true,
    position: 0,
    answer: (q, season) => says(q, season),
    revise: (q, season) => says(q, season),
    merit: (q, said) => (said.answer === says(q, 'late').answer ? CERTAIN : -CERTAIN),
  });
  switch (attack) {
    case 'constant':
      return stuck(() => plain(0));
    case 'inflater': {
      const voice = own(POOR, `inflater/${i}`);
      const puff = (said: Said): Said => ({ ...said, confidence: 1, words: 300 });
      const first: Voice['answer'] = (q, season, time) => puff(voice.answer(q, season, time));
      return { ...voice, answer: first, revise: (q, season) => first(q, season, 0) };
    }
    case 'clones': {
      // One model, so one name to draw by.
      const voice = own(MIDDLING, 'clones');
      return { ...voice, revise: (q, season) => voice.answer(q, season, 0) };
    }
    case 'ring': {
      const pair = (q: Question): [number, number] => [q.lure, otherWrong(q, seed)];
      const voice = stuck((q) => plain(pair(q)[i % 2]!));
      return { ...voice, merit: (q, said) => (pair(q).includes(optionOf(said)) ? CERTAIN : -CERTAIN) };
    }
    case 'sleeper': {
      const voice = own(GOOD, `sleeper/${i}`);
      return {
        ...stuck((q) => plain(q.lure)),
        answer: (q, season, time) => (season === 'late' ? plain(q.lure) : voice.answer(q, season, time)),
        revise: (q, season, said) => (season === 'late' ? plain(q.lure) : said),
      };
    }
    case 'copier': {
      const victim = createSeededChance(`${seed}/victim/${i}`).pick(honest);
      // Judging is not what it can copy: it tosses a coin.
      return { ...victim, adversary: true, revise: (_q, _season, said, shown) => shown[0] ?? said, merit: () => 0 };
    }
    case 'switch': {
      const before = own(GOOD, `switch/${i}/before`);
      const after = own(POOR, `switch/${i}/after`);
      return { ...after, answer: (q, season, time) => (season === 'exam' ? before : after).answer(q, season, time) };
    }
  }
}

/** The same for the whole ring. */
function otherWrong(q: Question, seed: string): number {
  const chance = createSeededChance(`${seed}/ring/${q.i}`);
  for (;;) {
    const option = chance.int(OPTIONS);
    if (option !== q.right && option !== q.lure) return option;
  }
}

/** So many that they are this share of all: identities are free, so they come on top. */
export function adversariesFor(share: number, honest: number): number {
  return share >= 1 ? 0 : Math.round((honest * share) / (1 - share));
}
