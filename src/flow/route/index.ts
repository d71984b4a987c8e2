/**
 * Route: of the candidates that a run was told of, who is asked. Hard gates first, then a choice.
 * The candidates are journaled facts (`candidates.found`), so replay needs no index.
 */
import {
  type Candidate,
  type Chosen,
  type EffectClass,
  failureSign,
  goalSkill,
  type RunState,
  type SkillView,
  type StepState,
  type StepView,
  stricter,
} from '../../model/index.ts';

import { rank } from './choose.ts';
import { thoseThatFit } from './fits.ts';
import { askedOnly, gateOf, triedOut } from './gates.ts';
import type { Named } from './nobody.ts';

export * from './bandit/index.ts';
export { decider, normal, PREFERENCES, weigh, weightsOf } from './choose.ts';
export { DEFAULT_ATTEMPT_MS, isAffordable, OVER_BUDGET, worstCost } from './fits.ts';
export { askedOnly, gateOf, namedFor, triedOut } from './gates.ts';
export { nobody, shutOut } from './nobody.ts';
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

/** Those shown were tried since they were found, and more are there: it pays to look for somebody again. */
export function hasMore(state: RunState, step: StepState): boolean {
  const view = skillView(state, step);
  if (view?.more === undefined) return false;
  // Of the skill as a whole only so many are known: the step finds its own.
  return 'skill' in view ? (step.tries ?? 0) > (view.tries ?? 0) : view.choice === true;
}

/** Everybody eligible for this step's present goal, the best first; with how many each gate refused, and who of them is known. */
export function eligible(
  state: RunState,
  step: StepState,
  panel: number,
): { routed: Routed[]; refused: Record<string, number>; cut: Named[] } {
  const view = skillView(state, step);
  const choose = view !== undefined && 'choose' in view ? view.choose : undefined;
  const free: Routed[] = [];
  const cut: Named[] = [];
  const refused: Record<string, number> = { ...view?.refused };
  const refuse = ({ agent }: Candidate, why: string): void => {
    refused[why] = (refused[why] ?? 0) + 1;
    cut.push({ agent, why });
  };
  const gate = gateOf(state, step, panel, choose);
  for (const candidate of view?.candidates ?? []) {
    const effect = stricter(step.spec.effect ?? 'pure', candidate.effect);
    const why = gate(candidate, effect);
    if (why === undefined) free.push({ candidate, effect });
    else refuse(candidate, why);
  }
  if (view?.refused !== undefined) cut.push(...triedBefore(step, view.candidates, view.refused));
  const routed = panel === 1 ? thoseThatFit(state, step, free, ({ candidate }, why) => refuse(candidate, why)) : free;
  routed.sort((a, b) => (b.candidate.score ?? 0) - (a.candidate.score ?? 0) || price(a) - price(b) || compare(a, b));
  if (choose !== undefined && askedOnly(state, step) === undefined) rank(state, step, routed, choose);
  if (panel === 1) remember(step, routed);
  return { routed, refused, cut };
}

/** Who is not shown any more because it was tried has its name in the run, and its number in what was found. */
function triedBefore(step: StepState, shown: readonly Candidate[], refused: Record<string, number>): Named[] {
  const named: Named[] = [];
  for (const [agent, why] of triedOut(step))
    if (refused[why] !== undefined && !shown.some((one) => one.agent === agent)) named.push({ agent, why });
  return named;
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

function price(r: Routed): number {
  return r.candidate.price?.money ?? 0;
}

function compare(a: Routed, b: Routed): number {
  return a.candidate.agent < b.candidate.agent ? -1 : a.candidate.agent > b.candidate.agent ? 1 : 0;
}
