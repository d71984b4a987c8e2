/**
 * For `functional`: what a letter stands for is a program, and the programs are really run, once each, in the sandbox.
 * The wrong ones go wrong on a part of the inputs, as programs do.
 */
import { Fault, type Json } from '../../base/index.ts';
import { openRunner } from '../protocols/index.ts';
import { CATEGORIES, OPTIONS, type Question } from './questions.ts';
import { optionOf, type Said } from './voice.ts';

const RIGHT: Record<(typeof CATEGORIES)[number], string> = {
  law: 'Math.abs(n)',
  physics: 'n * n',
  history: '(n < 0 ? 0 : n)',
  code: '3 * n + 1',
};
const CALL_MS = 20_000;

/** 0 is the right one; the k-th wrong one errs on every (k + 1)-th input. */
function program(category: (typeof CATEGORIES)[number], k: number): string {
  const right = RIGHT[category];
  return k === 0 ? `(n) => ${right}` : `(n) => (n % ${k + 1} === 0 ? ${right} + ${k} : ${right})`;
}

export interface Programs {
  /** What the runner gave for the program that this answer stands for. */
  outputsOf(q: Question, said: Said): Json;
}

/** Throws the runner's fault where there is no sandbox. */
export async function runPrograms(inputs: Json[]): Promise<Programs> {
  const runner = await openRunner();
  try {
    const ran = new Map<string, Json>();
    for (const category of CATEGORIES)
      for (let k = 0; k < OPTIONS; k++) {
        const { output } = await runner.call({
          skill: 'run-program',
          input: { ask: 'run', question: null, answers: [program(category, k)], say: { inputs } },
          effect: 'pure',
          key: `${category}/${k}`,
          run: 'lab',
          step: 'swarm',
          attempt: 1,
          labels: [],
          deadlineMs: CALL_MS,
          signal: AbortSignal.timeout(CALL_MS),
          say: () => {},
        });
        if (output === undefined) throw new Fault('agent.failed', 'the runner gave no outputs');
        ran.set(`${category}/${k}`, output as Json);
      }
    return { outputsOf: (q, said) => ran.get(`${q.category}/${(optionOf(said) - q.right + OPTIONS) % OPTIONS}`)! };
  } finally {
    await runner.close?.();
  }
}
