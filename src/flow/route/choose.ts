/**
 * Choose: who is asked first, of those who may be asked. What is believed of each is a journaled figure; what is
 * drawn is drawn from the run's seed and the step; so replay chooses the same, and nothing here is learned.
 *
 * C1  A person's rule comes before what was learned.
 * C2  Quality counts only as believed from what was observed. Price is what calls have cost, where any has.
 * C3  Who would teach most is tried, as far as that may pay (lookahead.ts); by how much is drawn for each step and agent,
 *     so that of many steps at once not all go to one newcomer.
 * C4  Cost and time count relative to the most expensive and the slowest that could be asked.
 */
import { createSeededChance } from '../../base/index.ts';
import type {
  Candidate,
  ChooseFacts,
  Chosen,
  Preference,
  PreferenceWeights,
  RuleApplied,
  RunState,
  StepState,
} from '../../model/index.ts';
import { lessonsOf, shareBelow } from './lookahead.ts';

export const PREFERENCES: Record<Extract<Preference, string>, Required<PreferenceWeights>> = {
  balanced: { quality: 1, cost: 0.2, speed: 0.1 },
  quality: { quality: 1, cost: 0.02, speed: 0.01 },
  cost: { quality: 1, cost: 0.8, speed: 0.05 },
  speed: { quality: 1, cost: 0.1, speed: 0.6 },
};

/** Calls that an agent has out and that make one more wait as long again as a call takes. */
const LOAD_DOUBLES = 8;
/** What is believed of an agent of which nothing is known, where the site says nothing. */
const UNKNOWN_QUALITY = 0.6;

export interface Weighed {
  /** With what was drawn: who is asked goes by this. */
  score: number;
  /** Without it: who is believed best. */
  believed: number;
}

export function weightsOf(prefer: Preference | undefined): Required<PreferenceWeights> {
  if (prefer === undefined) return PREFERENCES.balanced;
  if (typeof prefer === 'string') return PREFERENCES[prefer] ?? PREFERENCES.balanced;
  return { quality: prefer.quality ?? 1, cost: prefer.cost ?? 0, speed: prefer.speed ?? 0 };
}

/** draw: a standard normal number of this candidate's own. */
export function weigh(
  candidates: readonly Candidate[],
  weights: Required<PreferenceWeights>,
  { by, explore }: Pick<ChooseFacts, 'by' | 'explore'>,
  draw: (candidate: Candidate) => number,
): Weighed[] {
  let dearest = 0;
  let slowest = 0;
  for (const one of candidates) {
    dearest = Math.max(dearest, costOf(one));
    slowest = Math.max(slowest, waitOf(one));
  }
  const worths = candidates.map((one) => {
    const cost = dearest === 0 ? 0 : costOf(one) / dearest;
    const wait = slowest === 0 ? 0 : waitOf(one) / slowest;
    const rest = -weights.cost * cost - weights.speed * wait;
    const quality = one.quality ?? UNKNOWN_QUALITY;
    return { worth: weights.quality * quality + rest, sd: weights.quality * (one.unsure ?? 0), quality };
  });
  const lessons = by === 'lookahead' && explore > 0 ? lessonsOf(worths) : undefined;
  return candidates.map((one, i) => {
    const { worth, sd } = worths[i]!;
    const unsure = lessons === undefined ? sd : lessons[i]!;
    if (explore === 0 || unsure === 0) return { score: worth, believed: worth };
    const share = by === 'ucb' ? 1 : by === 'thompson' ? draw(one) : 2 * shareBelow(draw(one));
    return { score: worth + explore * unsure * share, believed: worth };
  });
}

/** C2. */
function costOf({ money, price }: Candidate): number {
  return money ?? price?.money ?? 0;
}

function waitOf({ p50Ms, load }: Candidate): number {
  return (p50Ms ?? 0) * (1 + (load ?? 0) / LOAD_DOUBLES);
}

/** Puts those that may be asked in order, the best first, and says of each why it stands there. */
export function rank(
  state: RunState,
  step: StepState,
  routed: { candidate: Candidate; chosen?: Chosen }[],
  choose: ChooseFacts,
): void {
  if (routed.length === 0) return;
  // Journals have the first that there is, whether it decided or not, and replay compares them: `decider` knows better.
  const ruled = choose.rules?.find((r) => r.use !== undefined || r.prefer !== undefined || r.avoid !== undefined);
  const prefer = choose.rules?.find((r) => r.prefer !== undefined)?.prefer ?? step.spec.prefer ?? state.prefer;
  const weighed = weigh(
    routed.map((r) => r.candidate),
    weightsOf(prefer),
    choose,
    ({ agent }) => normal(`${state.seed}/${step.id}/${step.tries ?? 0}/${agent}`),
  );
  const believed = Math.max(...weighed.map((w) => w.believed));
  const placed = routed.map((r, i) => ({ r, weighed: weighed[i]!, i }));
  placed.sort((a, b) => b.weighed.score - a.weighed.score || a.i - b.i);
  for (const [place, { r, weighed: w }] of placed.entries()) {
    const chosen: Chosen = {
      by: ruled === undefined ? 'learned' : 'rule',
      of: routed.length,
      score: Math.round(w.score * 1e4) / 1e4,
    };
    if (ruled !== undefined) chosen.rule = ruled.rule;
    if (w.believed < believed - 1e-9) chosen.explored = true;
    r.chosen = chosen;
    routed[place] = r;
  }
}

/** C1. The first rule that names agents decides. */
export function ruledOut(choose: ChooseFacts | undefined, { agent }: Candidate): string | undefined {
  const rules: readonly RuleApplied[] | undefined = choose?.rules;
  if (rules === undefined) return undefined;
  for (const { rule, use, avoid } of rules) {
    if (use !== undefined) return use.includes(agent) ? undefined : `rule '${rule}' names others`;
    if (avoid?.includes(agent)) return `rule '${rule}' avoids it`;
  }
  return undefined;
}

/** The rule that decided who of these is asked, if one did: one that avoids others only decided nothing. */
export function decider(
  { rules = [] }: Pick<ChooseFacts, 'rules'>,
  candidates: readonly Candidate[],
): RuleApplied | undefined {
  return (
    rules.find(({ use }) => use !== undefined) ??
    rules.find(({ avoid }) => candidates.some(({ agent }) => avoid?.includes(agent) === true)) ??
    rules.find(({ prefer }) => prefer !== undefined)
  );
}

/** One standard normal number, from a text. */
export function normal(seed: string): number {
  const chance = createSeededChance(seed);
  return Math.sqrt(-2 * Math.log(1 - chance.next())) * Math.cos(2 * Math.PI * chance.next());
}
