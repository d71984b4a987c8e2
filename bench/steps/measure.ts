/** Rounds, medians, ratios. Every subject runs once a round, in a process of its own. */
import { runChild, type Answer } from './child.ts';
import type { Subject } from './subjects.ts';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export interface Rounds {
  rounds: number;
  /** What a subject said in the rounds it finished. */
  answers(key: string): Answer[];
  /** Why it did not finish the others. */
  failures(key: string): string[];
  /** Median over the rounds; undefined when it was never measured. */
  figure(key: string, figure: string): number | undefined;
  /** Median of `a / b` taken round by round, so noise that hits a whole round cancels. */
  ratio(figure: string, a: string, b: string): number | undefined;
}

export interface MeasureOptions {
  subjects: readonly Subject[];
  rounds: number;
  slotMs: number;
  dir: string;
  onProgress(line: string): void;
}

/** Interleaves the subjects; each round starts with another one, so none is always first. */
export async function measure(options: MeasureOptions): Promise<Rounds> {
  const { subjects, rounds, slotMs, dir, onProgress } = options;
  const seen = new Map<string, (Answer | { failed: string })[]>();
  for (let round = 0; round < rounds; round++) {
    const first = round % Math.max(1, subjects.length);
    for (const subject of [...subjects.slice(first), ...subjects.slice(0, first)]) {
      const soFar = seen.get(subject.key) ?? [];
      if (subject.once && soFar.length > 0) continue;
      onProgress(`round ${round + 1} of ${rounds}: ${subject.key}`);
      soFar.push(await runChild(subject, { dir, slotMs }));
      seen.set(subject.key, soFar);
    }
  }

  const at = (key: string, round: number, figure: string): number | undefined => {
    const answer = seen.get(key)?.[round];
    return answer && 'figures' in answer ? answer.figures[figure] : undefined;
  };
  const over = (value: (round: number) => number | undefined): number | undefined => {
    const values = Array.from({ length: rounds }, (_, round) => value(round));
    const known = values.filter((one): one is number => one !== undefined && Number.isFinite(one));
    return known.length > 0 ? median(known) : undefined;
  };

  return {
    rounds,
    answers: (key) => (seen.get(key) ?? []).filter((one): one is Answer => 'figures' in one),
    failures: (key) => (seen.get(key) ?? []).flatMap((one) => ('failed' in one ? [one.failed] : [])),
    figure: (key, figure) => over((round) => at(key, round, figure)),
    ratio: (figure, a, b) =>
      over((round) => {
        const [top, bottom] = [at(a, round, figure), at(b, round, figure)];
        return top !== undefined && bottom ? top / bottom : undefined;
      }),
  };
}
