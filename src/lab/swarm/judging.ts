/** Judgements as voices give them, and what golden pairs say of who gives them. */
import { createSeededChance, type Json } from '../../base/index.ts';
import { type Ask, foldChecked, type TrustState } from '../../model/index.ts';
import type { Programs } from './programs.ts';
import type { Question } from './questions.ts';
import { letter, type Said, sigmoid, type Voice } from './voice.ts';

export interface Judging {
  judge(q: Question, voice: Voice | undefined, ask: Ask, shown: readonly Said[]): Json;
  /** A pair of which the better is known, shown in both orders. */
  examine(trust: TrustState, skill: string, q: Question, voices: readonly Voice[]): void;
}

export function createJudging(seed: string, programs?: Programs): Judging {
  function prefersFirst(q: Question, voice: Voice, [a, b]: readonly [Said, Said]): boolean {
    const draw = createSeededChance(`${seed}/${voice.name}/${q.i}/compare/${a.answer}${b.answer}`);
    return draw.next() < sigmoid(voice.merit(q, a) - voice.merit(q, b) + voice.position);
  }

  return {
    judge(q, voice, { kind }, shown) {
      if (kind === 'run') return programs!.outputsOf(q, shown[0]!);
      if (kind === 'compare') return { winner: prefersFirst(q, voice!, [shown[0]!, shown[1]!]) ? 'a' : 'b' };
      if (kind === 'score') return { scores: shown.map((said) => sigmoid(voice!.merit(q, said))) };
      const draw = createSeededChance(`${seed}/${voice!.name}/${q.i}/grade/${shown[0]!.answer}`);
      return { good: draw.next() < sigmoid(voice!.merit(q, shown[0]!)) };
    },
    examine(trust, skill, q, voices) {
      const good: Said = { answer: letter(q.right), confidence: 0.8, words: 100 };
      const bad: Said = { ...good, answer: letter(q.lure) };
      const said: Record<string, number> = {};
      for (const voice of voices) {
        const given = prefersFirst(q, voice, [good, bad]);
        const swapped = !prefersFirst(q, voice, [bad, good]);
        // Where the order decided it said nothing.
        said[voice.name] = given === swapped ? (given ? 0 : 1) : -1;
      }
      foldChecked(trust, { skill, said, right: 0, options: 2, source: 'golden' });
    },
  };
}
