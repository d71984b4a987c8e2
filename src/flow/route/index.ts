/**
 * Route: of the candidates that a run was told of, who is asked. Hard gates first, then a choice.
 * The candidates are journaled facts (`candidates.found`), so replay needs no index.
 */
import type { FaultData } from '../../base/index.ts';
import {
  type Candidate,
  type Chosen,
  type EffectClass,
  failureSign,
  faultData,
  goalSkill,
  type RunState,
  type SkillView,
  type StepState,
  type StepView,
  stricter,
} from '../../model/index.ts';

import { rank, ruledOut } from './choose.ts';
import { thoseThatFit } from './fits.ts';

export * from './bandit/index.ts';
export { decider, normal, PREFERENCES, weigh, weightsOf } from './choose.ts';
export { canStillPay, DEFAULT_ATTEMPT_MS, OVER_BUDGET, worstCost } from './fits.ts';
export { applyRules, concerns, type Condition, holds, type RouteRule } from './rules.ts';
export { KNOWN_DOMAINS, KNOWN_LANGUAGES, readSignals, type Signals, sortsOf, wordsOf } from './signals.ts';

export interface Routed {
  candidate: Candidate;
  effect: EffectClass;
  /** Why it stands where it stands, where there was a choice. */
  chosen?: Chosen;
}

/** The facts about a step's skill, if they are there already. */
export function skillView(state: RunState, step: StepState): StepView | SkillView | undefined {
  const skill = goalSkill(step, step.lesser);
  return step.view?.skill === skill ? step.view : state.skills.get(skill);
}

/** Nothing is known of who could work it; or there is a choice, and it needs facts of its own. */
export function lacksFacts(state: RunState, step: StepState): boolean {
  const view = skillView(state, step);
  return view === undefined || view.choice === true;
}

/** Everybody eligible for this step's present goal, the best first; with how many each gate refused. */
export function eligible(
  state: RunState,
  step: StepState,
  panel: number,
): { routed: Routed[]; refused: Record<string, number>; cut: { agent: string; why: string }[] } {
  const view = skillView(state, step);
  const choose = view !== undefined && 'choose' in view ? view.choose : undefined;
  const free: Routed[] = [];
  const cut: { agent: string; why: string }[] = [];
  const refused: Record<string, number> = { ...view?.refused };
  const own = step.lesser === undefined ? step.spec.agent : step.spec.lesser?.[step.lesser]?.agent;
  const only = state.agents?.[goalSkill(step, step.lesser)] ?? own;
  const refuse = ({ agent }: Candidate, why: string): void => {
    refused[why] = (refused[why] ?? 0) + 1;
    cut.push({ agent, why });
  };
  for (const candidate of view?.candidates ?? []) {
    const effect = stricter(step.spec.effect ?? 'pure', candidate.effect);
    const why = refusal(state, step, candidate, effect, only, panel) ?? ruledOut(choose, candidate);
    if (why === undefined) free.push({ candidate, effect });
    else refuse(candidate, why);
  }
  const routed = panel === 1 ? thoseThatFit(state, step, free, ({ candidate }, why) => refuse(candidate, why)) : free;
  routed.sort((a, b) => (b.candidate.score ?? 0) - (a.candidate.score ?? 0) || price(a) - price(b) || compare(a, b));
  if (choose !== undefined && only === undefined) rank(state, step, routed, choose);
  if (panel === 1) remember(step, routed);
  return { routed, refused, cut };
}

/** After a failure, whoever healed one like it before goes first; the others stay in their order. */
function remember(step: StepState, routed: Routed[]): void {
  const last = step.attempts?.findLast((a) => a.lesser === step.lesser);
  if (last?.fault === undefined || !routed.some(({ candidate }) => candidate.cures !== undefined)) return;
  const sign = failureSign(last.agent, last.fault);
  const sure = ({ candidate }: Routed): number => candidate.cures?.[sign] ?? 0;
  routed.sort((a, b) => sure(b) - sure(a));
  const first = routed[0];
  if (first?.chosen !== undefined && sure(first) > 0) first.chosen.remembered = sure(first);
}

function refusal(
  state: RunState,
  step: StepState,
  candidate: Candidate,
  effect: EffectClass,
  only: string | undefined,
  panel: number,
): string | undefined {
  if (only !== undefined && candidate.agent !== only) return 'not the agent asked for';
  if (candidate.healthy === false) return 'unhealthy';
  if (panel > 1 && effect !== 'pure') return `${effect}: never on a panel`;
  if (isUnpriced(state, step, candidate)) return 'unpriced';
  const failed = step.attempts?.findLast((a) => a.agent === candidate.agent && a.lesser === step.lesser);
  // One that is known not to have happened may be asked again.
  if (failed?.status === 'failed' && failed.fault !== undefined) return `failed: ${failed.fault.code}`;
  if (failed?.status === 'open' || failed?.status === 'unknown') return 'already asked';
  return undefined;
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

export function nobody(
  step: StepState,
  cut: { agent: string; why: string }[],
  refused: Record<string, number> = {},
): FaultData {
  const skill = goalSkill(step, step.lesser);
  const gates = Object.entries(refused).map(([why, n]) => `${n} ${why}`);
  if (cut.length === 0 && gates.length > 0)
    return faultData(
      'agent.none',
      `nobody who has the skill '${skill}' may work step '${step.id}': ${gates.join(', ')}`,
      'never',
      { skill, refused },
    );
  if (cut.length === 0)
    return faultData('agent.none', `nobody here has the skill '${skill}' that step '${step.id}' needs`, 'never', {
      skill,
    });
  const unpriced = cut.filter((c) => c.why === 'unpriced').length;
  if (unpriced > 0 && cut.every((c) => c.why === 'unpriced' || c.why === 'not the agent asked for'))
    return faultData(
      'budget.unpriced',
      `step '${step.id}' runs under a budget and no agent with '${skill}' names a price in all that it limits; a \`ceiling\` on the step does too`,
      'never',
      { skill },
    );
  return faultData(
    'no-way-left',
    `no agent is left for step '${step.id}': ${cut.map((c) => `${c.agent} (${c.why})`).join(', ')}`,
    'never',
    { skill, cut },
  );
}

function price(r: Routed): number {
  return r.candidate.price?.money ?? 0;
}

function compare(a: Routed, b: Routed): number {
  return a.candidate.agent < b.candidate.agent ? -1 : a.candidate.agent > b.candidate.agent ? 1 : 0;
}
