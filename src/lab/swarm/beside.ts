/** What every protocol is measured beside, on the same questions and the same answers. */
import { best, majority } from '../../flow/index.ts';
import { questionsOf, work, type Work } from './campaign.ts';
import type { Question } from './questions.ts';
import { optionOf, type Season } from './voice.ts';

export interface Beside {
  /** One agent drawn for each question: what is expected of it. */
  random: number;
  /** The protocol: more than half, or no verdict. */
  majority: number;
  /** The answer that most gave, however few; none where two are level. */
  plurality: number;
  /** One agent, chosen by golden questions. */
  chosen: number;
  /** The best single agent, known in hindsight only. */
  single: number;
  /** Somebody said it: no choosing among answers does better. */
  oracle: number;
}

export function beside(given: Work): Beside {
  const real = questionsOf(given).filter(({ golden }) => !golden);
  const right = given.voices.map((voice) =>
    real.map(({ q, season }) => optionOf(voice.answer(q, season, 0)) === q.right),
  );
  const shares = right.map((all) => all.filter(Boolean).length / real.length);
  return {
    random: shares.reduce((a, b) => a + b, 0) / shares.length,
    majority: work(majority, {}, given).accuracy,
    plurality: real.filter(({ q, season }) => commonest(given, q, season) === q.right).length / real.length,
    chosen: work(best, {}, given).accuracy,
    single: Math.max(...shares),
    oracle: real.filter((_, i) => right.some((all) => all[i])).length / real.length,
  };
}

function commonest({ voices }: Work, q: Question, season: Season): number | undefined {
  const votes = new Map<number, number>();
  for (const voice of voices) {
    const option = optionOf(voice.answer(q, season, 0));
    votes.set(option, (votes.get(option) ?? 0) + 1);
  }
  const [first, second] = [...votes].sort((a, b) => b[1] - a[1]);
  return first![1] > (second?.[1] ?? 0) ? first![0] : undefined;
}
