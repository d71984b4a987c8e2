/** What is known of a golden task beforehand, how it is put, and which camp an answer to it is in. */
import type { Json } from '../../base/index.ts';
import { createCamps, readWinner } from '../../flow/index.ts';
import type { Checked, Equality } from '../../model/index.ts';

export interface GoldenTask {
  id: string;
  skill: string;
  input: Json;
  answer: Json;
  equal?: Equality;
}

/** For those who judge: two answers to one question, and which is better. */
export interface GoldenPair {
  id: string;
  /** The skill of judging (`judge`, unless steps name another). */
  skill: string;
  question: Json;
  better: Json;
  worse: Json;
}

export interface Marking {
  /** What is asked, one call each. */
  inputs: Json[];
  /** The camp of one agent's answers to them; -1: it said nothing that counts. */
  mark(answers: readonly (Json | undefined)[]): number;
  right: number;
  among: Pick<Checked, 'options'>;
}

export function createMarking(task: GoldenTask | GoldenPair): Marking {
  if ('better' in task) return markPair(task);
  const camps = createCamps(task.equal ?? { by: 'exact' });
  const right = camps.place(task.answer) ?? -1;
  return {
    inputs: [task.input],
    mark: ([answer]) => (answer === undefined ? -1 : (camps.place(answer) ?? -1)),
    right,
    among: {},
  };
}

const BETTER = 0;
const WORSE = 1;

/** In both orders, as protocols do: whom the order decides for says nothing. */
function markPair({ question, better, worse }: GoldenPair): Marking {
  const shown = (answers: Json[]): Json => ({ ask: 'compare', question, answers });
  return {
    inputs: [shown([better, worse]), shown([worse, better])],
    mark([given, swapped]) {
      const [first, second] = [readWinner(given), readWinner(swapped)];
      if (first === 'first' && second === 'second') return BETTER;
      return first === 'second' && second === 'first' ? WORSE : -1;
    },
    right: BETTER,
    among: { options: 2 },
  };
}
