/**
 * Gates that the run itself can judge by: whom it names, what failed already, a person's rules, prices under a budget. A
 * site asks the same of a crowd, before it picks those whom the run is told of.
 */
import {
  type Candidate,
  type ChooseFacts,
  type EffectClass,
  goalSkill,
  type RunState,
  type StepState,
} from '../../model/index.ts';
import { ruledOut } from './choose.ts';

export const NOT_ASKED_FOR = 'not the agent asked for';

/** Gives for each candidate why it may not be asked; undefined when it may. */
export function gateOf(
  state: RunState,
  step: StepState,
  panel: number,
  choose: ChooseFacts | undefined,
): (candidate: Candidate, effect: EffectClass) => string | undefined {
  const only = askedOnly(state, step);
  const tried = triedOut(step);
  return (candidate, effect) => {
    if (only !== undefined && candidate.agent !== only) return NOT_ASKED_FOR;
    if (candidate.healthy === false) return 'unhealthy';
    if (panel > 1 && effect !== 'pure') return `${effect}: never on a panel`;
    if (isUnpriced(state, step, candidate)) return 'unpriced';
    return tried.get(candidate.agent) ?? ruledOut(choose, candidate);
  };
}

/** The agent that the step or the run names for its present goal. */
export function askedOnly({ agents }: RunState, step: StepState): string | undefined {
  const own = step.lesser === undefined ? step.spec.agent : step.spec.lesser?.[step.lesser]?.agent;
  const skill = goalSkill(step, step.lesser);
  return agents !== undefined && Object.hasOwn(agents, skill) ? agents[skill] : own;
}

/** Where only some may be asked: their names, and why nobody else. */
export function namedFor(
  state: RunState,
  step: StepState,
  rules: ChooseFacts['rules'] = [],
): { names: readonly string[]; why: string } | undefined {
  const only = askedOnly(state, step);
  if (only !== undefined) return { names: [only], why: NOT_ASKED_FOR };
  const rule = rules.find(({ use }) => use !== undefined);
  return rule && { names: rule.use!, why: `rule '${rule.rule}' names others` };
}

/** Who was asked for this goal already, and is not to be asked as another one. */
export function triedOut({ attempts, lesser }: StepState): ReadonlyMap<string, string> {
  const tried = new Map<string, string>();
  for (const { agent, status, fault, lesser: goal } of attempts ?? []) {
    if (goal !== lesser) continue;
    if (status === 'failed' && fault !== undefined) tried.set(agent, `failed: ${fault.code}`);
    else if (status === 'open' || status === 'unknown') tried.set(agent, 'already asked');
    // One that is known not to have happened may be asked again.
    else tried.delete(agent);
  }
  return tried;
}

/** What is limited must have a most that it can cost. Calls and time we count and bound ourselves. */
function isUnpriced(state: RunState, step: StepState, { price }: Candidate): boolean {
  const { limit } = state.budget;
  const { ceiling } = step.spec;
  return (['money', 'tokens'] as const).some(
    (dimension) =>
      limit?.[dimension] !== undefined && price?.[dimension] === undefined && ceiling?.[dimension] === undefined,
  );
}
