/** What one of a panel is asked: the step's own question, or one about answers, which are shown without names. */
import type { Json } from '../../base/index.ts';
import type { AttemptState, StepState } from '../../model/index.ts';

export function questionOf(step: StepState, { ask, lesser }: AttemptState): Json | undefined {
  if (ask === undefined || ask.kind === 'answer') return step.input;
  const answers = (ask.about ?? []).map((i) => answerOf(step, i, lesser));
  const question: { [member: string]: Json } = { ask: ask.kind, question: step.input ?? null, answers };
  if (ask.say !== undefined) question.say = ask.say;
  return question;
}

/** A call lost with its worker was made again under the same number: the last one counts. */
function answerOf(step: StepState, i: number, lesser: number | undefined): Json {
  return step.attempts?.findLast((a) => a.ask?.i === i && a.lesser === lesser)?.output ?? null;
}

/** Functions of the site that an answer goes through before it is journaled, so that no decision needs them. */
export function passedThrough(
  step: StepState,
  { ask }: AttemptState,
): { aside?: true; equal?: string; check?: string } {
  if (ask === undefined) return {};
  if (ask.kind !== 'answer' && ask.kind !== 'revise') return { aside: true };
  const through: { equal?: string; check?: string } = {};
  if (step.equal?.by === 'named') through.equal = step.equal.name;
  if (step.agree?.check !== undefined) through.check = step.agree.check;
  return through;
}
