/**
 * Narrow: of all who have a skill, those that this step could ask, before some of them are picked to be shown. The gates
 * of the run (whom it names, rules, prices, who was tried) are asked here too, or a run would be shown 16 of a crowd that
 * it may not ask, and none of those that it may. Of those that are shown, the run says it again, by name.
 */
import { gateOf, isAffordable, namedFor } from '../../flow/index.ts';
import {
  AT_LIMIT,
  type ChooseFacts,
  isAgreed,
  MAX_CANDIDATES,
  NOT_NEAR,
  type RunState,
  type StepState,
  stricter,
} from '../../model/index.ts';
import { candidateOf, type Offer } from '../agents.ts';
import { refusedAt } from './gates.ts';

export interface Gates {
  /** Why it may not be asked for this step: at the site's gates, and at the run's. */
  atSite(offer: Offer): string | undefined;
  inRun(offer: Offer): string | undefined;
  /** It is well, and the budget can hold what it may cost. Who does not suit may still be asked when nobody else is left. */
  suits(offer: Offer): boolean;
  /** Whom the run has still to do with: they are shown whatever a gate says. */
  kept: readonly string[];
  /** Where only some may be asked. */
  named: ReturnType<typeof namedFor>;
}

export interface Narrowed {
  shown: Offer[];
  refused: Record<string, number>;
  /** So many of these may be asked as well; undefined where none of them may. */
  more: number | undefined;
}

export function gatesFor(
  state: RunState,
  step: StepState,
  choose: ChooseFacts,
  isHealthy: (offer: Offer) => boolean,
): Gates {
  const wanted = { by: state.by, labels: step.labels ?? [], input: step.input, output: undefined };
  const gate = gateOf(state, step, isAgreed(state.engine, step.spec.agree) ? 2 : 1, choose);
  return {
    atSite: (offer) => refusedAt(offer, wanted),
    inRun: (offer) => gate(candidateOf(offer, true), stricter(step.spec.effect ?? 'pure', offer.skill.effect)),
    suits: (offer) => isHealthy(offer) && isAffordable(state, step, candidateOf(offer, true)),
    kept: keptBy(step),
    named: namedFor(state, step, choose.rules),
  };
}

/** Who is on its panel, and whom it may ask the same once more: what they cost and can do is looked up when it is. */
function keptBy(step: StepState): readonly string[] {
  const last = step.attempts?.findLast((attempt) => attempt.lesser === step.lesser);
  const again = last !== undefined && (last.fault?.retry ?? 'same') === 'same' ? [last.agent] : [];
  return [...(step.panel ?? []), ...again];
}

/** pick: so many of these, the best of them. */
export function narrow(
  offers: readonly Offer[],
  gates: Gates,
  isFull: (offer: Offer) => boolean,
  pick: (from: Offer[], limit: number) => Offer[],
): Narrowed {
  const refused: Record<string, number> = {};
  const passed: Offer[] = [];
  const shut = new Map<Offer, string>();
  const open: Offer[] = [];
  for (const offer of offers) {
    const why = gates.atSite(offer);
    if (why !== undefined) {
      refused[why] = (refused[why] ?? 0) + 1;
      continue;
    }
    passed.push(offer);
    const whyNot = gates.inRun(offer);
    if (whyNot === undefined) open.push(offer);
    else shut.set(offer, whyNot);
  }
  const free = open.filter((offer) => !isFull(offer));
  // Busy is no reason where nobody else is left: the call then waits as the agent says.
  const busy = new Set(free.length > 0 && free.length < open.length ? open.filter(isFull) : []);
  const able = passed.filter((offer) => !busy.has(offer));
  const shown = new Set(able.length <= MAX_CANDIDATES ? able : pickOf(able));
  let more = 0;
  for (const offer of passed) {
    if (shown.has(offer)) continue;
    const why = shut.get(offer) ?? (busy.has(offer) ? AT_LIMIT : NOT_NEAR);
    refused[why] = (refused[why] ?? 0) + 1;
    if (!shut.has(offer)) more++;
  }
  return { shown: [...shown], refused, more: open.length === 0 ? undefined : more };

  function pickOf(from: Offer[]): Offer[] {
    const kept = from.filter((offer) => gates.kept.includes(offer.agent.name)).slice(0, MAX_CANDIDATES);
    const rest = from.filter((offer) => !kept.includes(offer));
    const may = rest.filter((offer) => !shut.has(offer));
    const suiting = may.filter(gates.suits);
    const best = suiting.length > 0 ? suiting : may.length > 0 ? may : rest;
    return [...kept, ...pick(best, MAX_CANDIDATES - kept.length)];
  }
}

/** Where none of those that were looked at may be asked, the whole crowd is gone through for some that may. */
export function reach(looked: Offer[], crowd: readonly Offer[], gates: Gates, limit: number): Offer[] {
  const mayBeAsked = (offer: Offer): boolean => gates.inRun(offer) === undefined && gates.atSite(offer) === undefined;
  const suits = (offer: Offer): boolean => gates.suits(offer) && mayBeAsked(offer);
  for (const passes of [suits, mayBeAsked]) {
    if (looked.some(passes)) return looked;
    const found: Offer[] = [];
    for (const offer of crowd) {
      if (passes(offer)) found.push(offer);
      if (found.length === limit) break;
    }
    if (found.length > 0) return [...found, ...looked.filter(({ agent }) => gates.kept.includes(agent.name))];
  }
  return looked;
}
