/** What a state says of its steps, by name: their keys, their calls and child runs, whether a word was heard. */
import type { AttemptState, EffectDone, RunState, StepState } from './state.ts';

/** Key of a step's call at a sink: never attempt or epoch. A sink has done with the key of what was undone. */
export function effectKey(state: RunState, step: StepState): string {
  const born = `${state.run}:${step.bornAs ?? step.id}:${step.hash}`;
  let key = born;
  for (let n = 2; state.undone?.has(key); n++) key = `${born}:${n}`;
  return key;
}

/** Key of the call that takes it back. */
export function undoKey({ key }: EffectDone): string {
  return `undo:${key}`;
}

/** The id that this step has now. */
export function presentId(state: RunState, id: string): string {
  let now = id;
  while (!state.steps.has(now)) {
    const next = state.renamed.get(now);
    if (next === undefined) return id;
    now = next;
  }
  return now;
}

/** Whether this word has done what it says: said once more, it changes nothing. */
export function isHeard({ heard, refused }: RunState, id: string): boolean {
  return heard.has(id) && refused?.has(id) !== true;
}

/** The skill of the goal that an attempt works for: the step's own, or a lesser one. */
export function goalSkill(step: StepState, lesser: number | undefined): string {
  return (lesser === undefined ? step.spec.skill : step.spec.lesser?.[lesser]?.skill) ?? step.spec.skill ?? '';
}

/** A call of this step is out, or may have happened. */
export function hasCallOut(step: StepState): boolean {
  return step.attempts?.some(isOut) ?? false;
}

export function isOut({ status }: AttemptState): boolean {
  return status === 'open' || status === 'unknown';
}

/** A child run of it was started and has not ended. */
export function hasChildOut(step: StepState): boolean {
  return step.child !== undefined && step.childEnded !== true;
}

/** The first child run that a step starts; another one when it is worked anew is named after it. */
export function childRunOf({ run }: RunState, step: string): string {
  return `${run}.${step.replaceAll('/', '.')}`;
}

/** `r.a~3` carries `r.a` on. */
export function firstOf(run: string): string {
  return run.replace(/~\d+$/, '');
}

/** What stands for the run itself where a step is named: no step can have this name. */
export const WHOLE_RUN = '*';

export function suspectKey(skill: string, agent: string): string {
  return `${skill}|${agent}`;
}
