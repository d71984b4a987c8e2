/**
 * What calls, local functions and searches are at work on. A step that is asked otherwise while they are counts its tries
 * anew: what comes back for what was asked before is nobody's.
 */
import { canonicalJson } from '../base/index.ts';
import type { AttemptState, RunState, StepState } from './state.ts';
import { effectKey, goalSkill } from './state-facts.ts';

export interface Asked {
  /** Same for every try at this step: run + step + input hash. */
  key: string;
  agent: string;
  skill: string;
}

export interface CodeAsked {
  hash: string;
  /** Of workflows as data: the function's name. */
  code?: string;
}

/** What candidates were looked for. */
export type FoundFor = Pick<StepState, 'hash' | 'labels'>;

export function askedOf(state: RunState, step: StepState, { agent, ask, lesser }: AttemptState): Asked {
  return { key: effectKey(state, step), agent, skill: ask?.skill ?? goalSkill(step, lesser) };
}

export function isAsked(state: RunState, step: StepState, attempt: AttemptState, of: Asked): boolean {
  const { key, agent, skill } = askedOf(state, step, attempt);
  return key === of.key && agent === of.agent && skill === of.skill;
}

export function codeAskedOf({ hash, spec }: StepState): CodeAsked {
  return { hash, code: spec.code };
}

export function isSameCode(one: CodeAsked, other: CodeAsked): boolean {
  return one.hash === other.hash && one.code === other.code;
}

export function isFoundFor(step: StepState, { hash, labels }: FoundFor): boolean {
  if (step.hash !== hash) return false;
  return step.labels === labels || canonicalJson(step.labels ?? []) === canonicalJson(labels ?? []);
}
