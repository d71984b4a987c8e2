/**
 * Agree: several answers become one. A protocol is a pure machine over the attempts of a step: it says
 * what it waits for, or gives a verdict with its evidence. Answers are sealed until all are in.
 */
import { canonicalJson } from '../../base/index.ts';
import { type AttemptState, type Deciding, emit, faultData, type StepState } from '../../model/index.ts';

export interface Verdict {
  /** The attempt whose answer was chosen; none = no verdict. */
  chosen?: number;
  votes: { n: number; for: boolean; weight: number }[];
  margin: number;
}

export type Protocol = (answers: readonly AttemptState[], panel: number) => Verdict;

/** The answer that most agents of the panel gave; a tie is no verdict. */
export const majority: Protocol = (answers) => {
  const camps = new Map<string, AttemptState[]>();
  for (const answer of answers) {
    const key = canonicalJson(answer.output);
    camps.set(key, [...(camps.get(key) ?? []), answer]);
  }
  const ranked = [...camps.values()].sort((a, b) => b.length - a.length);
  const [first, second] = ranked;
  const margin = (first?.length ?? 0) - (second?.length ?? 0);
  const chosen = margin > 0 ? first?.[0]?.n : undefined;
  return {
    chosen,
    margin,
    votes: answers.map((a) => ({ n: a.n, for: chosen !== undefined && (first?.includes(a) ?? false), weight: 1 })),
  };
};

export const protocols: Record<string, Protocol> = { majority };

export function agree(d: Deciding, step: StepState): void {
  if (step.settledSeq !== 0) return;
  const attempts = (step.attempts ?? []).filter((a) => a.lesser === step.lesser);
  const answers = attempts.filter((a) => a.status === 'answered');
  if (step.panel === undefined) {
    const answer = answers.at(-1);
    if (answer !== undefined)
      d.todo.push({ to: 'settle', step: step.id, out: 'ok', from: answer.n, lesser: answer.lesser });
    return;
  }
  if (attempts.some((a) => a.status === 'open' || a.status === 'unknown')) return;
  const verdict = (protocols[step.agree?.by ?? 'majority'] ?? majority)(answers, step.panel.length);
  emit(d, { type: 'agree.verdict', step: step.id, ...verdict });
  if (verdict.chosen !== undefined) {
    d.todo.push({ to: 'settle', step: step.id, out: 'ok', from: verdict.chosen });
    return;
  }
  const fault = faultData(
    'no-way-left',
    `the panel of step '${step.id}' came to no verdict (${answers.length} answers of ${step.panel.length})`,
    'never',
    { votes: verdict.votes },
  );
  d.todo.push({ to: 'settle', step: step.id, out: 'failed', fault });
}
