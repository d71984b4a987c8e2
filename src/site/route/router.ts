/**
 * The router: what a run is told of those who could work one of its steps. Hard gates, then who is near, then what
 * is believed of each; at most 16 of them, with their figures, and how many each gate refused. Which of them is
 * asked is decided in the run (flow/route/choose.ts), from these journaled facts alone.
 *
 * N1  A skill with one agent, no rule, no schema and no condition has no choice: its facts are found once a run, as cheaply
 *     as looking into a map.
 * N2  Of many that may be asked, those who are shown are the nearest, the best known and a few of whom nothing is known, so that a
 *     newcomer is found and a liar's fine words are worth one look.
 * N3  While an index is being built, and where an embedder fails, those that are not in it come up in turn: an agent
 *     may be found later for its words, never not at all.
 */
import { type Clock, type Fault, greatestFirst } from '../../base/index.ts';
import {
  applyRules,
  type Belief,
  concerns,
  type Features,
  readSignals,
  type RouteRule,
  type Signals,
  sortsOf,
  weigh,
  weightsOf,
} from '../../flow/index.ts';
import {
  type Candidate,
  type CandidatesInput,
  type ChooseFacts,
  type HealthFigures,
  MAX_CANDIDATES,
  NOT_NEAR,
  NOT_YET,
  type PreferenceWeights,
  type RunState,
  type StepState,
} from '../../model/index.ts';
import { createHashedEmbedder, type Embedder } from '../../ports/index/index.ts';
import { type AgentBook, candidateOf, type Offer } from '../agents.ts';
import type { Bulkheads } from '../health/index.ts';
import type { CureBook, Facts, FigureView } from '../facts/index.ts';
import { createBeliefs } from './beliefs.ts';
import { byPrice, createCrowds } from './crowds.ts';
import { asksMore } from './gates.ts';
import { type Gates, gatesFor, narrow, reach } from './narrow.ts';
import type { Scored } from './near.ts';
import { createNearOffers } from './offers.ts';
import { textOf, wholeTextOf } from './text.ts';

export interface RoutingOptions {
  /** learned: by what was observed of them (the default); fixed: the cheapest, then by name. */
  choose?: 'learned' | 'fixed';
  /** How uncertainty is used. Default `lookahead`. */
  by?: ChooseFacts['by'];
  /** how much of it. */
  explore?: number;
  rules?: readonly RouteRule[];
  /** Makes vectors of texts. Default: the offline one. */
  embedder?: Embedder;
}

export interface Router {
  /** N1. */
  hasChoice(skill: string): boolean;
  /** With what was measured of it. */
  weighed(candidate: Candidate, skill: string): Candidate;
  /** What this step is to know. */
  find(state: RunState, step: StepState, skill: string): CandidatesInput | Promise<CandidatesInput>;
}

export interface RouterOptions extends RoutingOptions {
  agents: AgentBook;
  facts: Facts;
  cures: CureBook;
  places: Pick<Bulkheads, 'isFull'>;
  clock: Clock;
  /** Hears that an embedder fails: agents are shown in turn meanwhile. */
  onTrouble?: (fault: Fault) => void;
}

/** Who is looked at: so much as says who is shown. Of most of them nothing else is ever asked. */
interface Looked {
  offer: Offer;
  healthy: boolean;
  load: number;
  belief?: Belief;
  near?: number;
}

/** A step that looks for somebody. */
interface Task {
  state: RunState;
  step: StepState;
  skill: string;
  text: string;
  choose: ChooseFacts;
  gates: Gates;
}

/** Chosen on simulated markets of other seeds than the bench's: more costs more than it finds. */
export const DEFAULT_EXPLORE: Record<ChooseFacts['by'], number> = { lookahead: 450, thompson: 0.5, ucb: 1.2 };
export const DEFAULT_BY: ChooseFacts['by'] = 'lookahead';
/** Up to so many offers all are weighed; of more, only the nearest and the best known. */
const WEIGHED = 64;
/** Of more: so many of the nearest, beside those that have shown most. */
const NEAREST = 24;
/** And so many of the cheapest, where any names a price. */
const CHEAPEST = 8;
/** Places kept for those least known, of the 16. */
const NEWCOMERS = 2;
/** What nearness is worth beside believed quality, when only some can be shown. */
const NEAR_WEIGHT = 0.3;

export function createRouter(options: RouterOptions): Router {
  const { agents, facts, cures, places, rules = [] } = options;
  const { clock, onTrouble, embedder = createHashedEmbedder() } = options;
  const near = createNearOffers({ agents, embedder, clock, onTrouble });
  const learns = options.choose !== 'fixed';
  const by = options.by ?? DEFAULT_BY;
  const choose: ChooseFacts = { by, explore: learns ? (options.explore ?? DEFAULT_EXPLORE[by]) : 0 };
  const beliefs = createBeliefs(facts);
  const crowds = createCrowds(agents, !learns);
  const choices = new Map<string, boolean>();
  let turn = 0;

  agents.onChange((skills) => {
    for (const skill of skills) choices.delete(skill);
  });

  function hasChoice(skill: string): boolean {
    let choice = choices.get(skill);
    if (choice === undefined) {
      const offers = agents.offers(skill);
      choice = offers.some(asksMore) || rulesOf(skill).length > 0;
      choice ||= offers.length > (learns ? 1 : MAX_CANDIDATES);
      choices.set(skill, choice);
    }
    return choice;
  }

  function rulesOf(skill: string): RouteRule[] {
    return rules.filter((rule) => concerns(rule, skill));
  }

  function find(state: RunState, step: StepState, skill: string): CandidatesInput | Promise<CandidatesInput> {
    const text = textOf(state.goal, step.input);
    const ruling = rulesOf(skill);
    const choosing: ChooseFacts = { ...choose };
    if (ruling.length > 0) {
      // Only where there are rules all of a long input is read.
      const signals = signalsOf(state, step, wholeTextOf(state.goal, step.input));
      const applied = applyRules(ruling, skill, signals);
      choosing.signals = told(signals);
      if (applied.length > 0) choosing.rules = applied;
    }
    const gates = gatesFor(state, step, choosing, ({ agent }) => agents.isHealthy(agent.name, skill));
    const task: Task = { state, step, skill, text, choose: choosing, gates };
    const offers = agents.offers(skill);
    const { named } = gates;
    if (named !== undefined && offers.length > MAX_CANDIDATES) {
      const those = agents.offersOf(skill, [...new Set([...named.names, ...gates.kept])]);
      if (those.length > 0) return show(task, those, { shut: { [named.why]: offers.length - those.length } });
    }
    if (offers.length <= WEIGHED) return show(task, offers);
    if (!learns) return show(task, reach(crowds.cheapest(skill, WEIGHED), offers, gates, WEIGHED), { of: offers });
    const nearest = near.nearest(skill, text, NEAREST);
    const go = (scored: readonly Scored[]): CandidatesInput => {
      const wanted = new Map(scored.map((one) => [one.agent, one.near]));
      for (const agent of [...beliefs.known(skill), ...gates.kept]) if (!wanted.has(agent)) wanted.set(agent, 0);
      for (const { agent } of crowds.cheapest(skill, CHEAPEST)) if (!wanted.has(agent.name)) wanted.set(agent.name, 0);
      // N3
      for (let i = scored.length; i < NEAREST; i++) {
        const { name } = offers[(turn + i) % offers.length]!.agent;
        if (!wanted.has(name)) wanted.set(name, 0);
      }
      const some = reach(agents.offersOf(skill, [...wanted.keys()]), offers, gates, WEIGHED);
      return show(task, some, { of: offers, scored: wanted, waiting: near.waiting(skill) });
    };
    return 'then' in nearest ? nearest.then(go, () => go([])) : go(nearest);
  }

  /** of: the crowd that these were taken from; shut: those of it that need not be looked at. */
  function show(
    { state, step, skill, text, choose, gates }: Task,
    offers: readonly Offer[],
    from: {
      of?: readonly Offer[];
      shut?: Record<string, number>;
      scored?: ReadonlyMap<string, number>;
      waiting?: number;
    } = {},
  ): CandidatesInput {
    const sorts = sortsOf(signalsOf(state, step, text));
    const x = beliefs.task(state.run, step.id, skill, sorts, text);
    const known = new Map<Offer, Looked>();
    const look = (offer: Offer): Looked => {
      let one = known.get(offer);
      if (one === undefined) known.set(offer, (one = looked(offer, skill, x, from.scored?.get(offer.agent.name))));
      return one;
    };
    const prefer = choose.rules?.find((rule) => rule.prefer !== undefined)?.prefer ?? step.spec.prefer ?? state.prefer;
    const pick = (some: Offer[], limit: number): Offer[] => shortlist(some.map(look), limit, skill, weightsOf(prefer));
    const { shown, refused, more } = narrow(offers, gates, ({ agent }) => places.isFull(agent), pick);
    const input: CandidatesInput = {
      in: 'candidates',
      skill,
      step: step.id,
      position: facts.position,
      candidates: shown.map((offer) => figures(look(offer), skill)),
      choose,
    };
    const refuse = (why: string, n: number): void => void (n > 0 && (refused[why] = (refused[why] ?? 0) + n));
    const unseen = (from.of?.length ?? offers.length) - offers.length;
    const waiting = Math.min(from.waiting ?? 0, unseen);
    refuse(NOT_NEAR, unseen - waiting);
    refuse(NOT_YET, waiting);
    for (const [why, n] of Object.entries(from.shut ?? {})) refuse(why, n);
    if (Object.keys(refused).length > 0) input.refused = refused;
    if (more !== undefined && more + unseen > 0) input.more = more + unseen;
    return input;
  }

  function looked(offer: Offer, skill: string, x: Features, near: number | undefined): Looked {
    const { name } = offer.agent;
    const load = facts.load(name);
    const belief = learns ? beliefs.of(skill, name, x, load) : undefined;
    return { offer, healthy: agents.isHealthy(name, skill), load, belief, near };
  }

  /** All that is known of one that is shown. */
  function figures({ offer, healthy, load, belief, near }: Looked, skill: string): Candidate {
    const candidate = candidateOf(offer, healthy, agents.trustIn(offer.agent.name, skill));
    if (belief !== undefined) {
      candidate.quality = round(belief.mean);
      candidate.unsure = round(belief.sd);
      candidate.tries = round(belief.tries);
    }
    measure(candidate, skill);
    if (load > 0) candidate.load = load;
    if (near !== undefined) candidate.near = round(near);
    return candidate;
  }

  function measure(candidate: Candidate, skill: string): void {
    const seen = facts.of(candidate.agent, skill);
    if (seen?.p50Ms !== undefined) candidate.p50Ms = Math.round(seen.p50Ms);
    if (seen?.p95Ms !== undefined) candidate.p95Ms = Math.round(seen.p95Ms);
    if (seen?.money !== undefined) candidate.money = round(seen.money);
    const health = healthOf(seen);
    if (health !== undefined) candidate.health = health;
    const healed = cures.of(candidate.agent, skill);
    if (healed !== undefined) candidate.cures = healed;
  }

  /** N2. What counts in the choice counts here: of the cheap and the quick no fewer are shown than of the good. */
  function shortlist(able: Looked[], limit: number, skill: string, weights: Required<PreferenceWeights>): Offer[] {
    if (able.length <= limit) return able.map(({ offer }) => offer);
    const sketches = able.map(({ offer, load, belief }): Candidate => {
      const seen = facts.of(offer.agent.name, skill);
      const sketch = { agent: offer.agent.name, effect: offer.skill.effect, price: offer.skill.price, load };
      return { ...sketch, quality: belief?.mean, unsure: belief?.sd, money: seen?.money, p50Ms: seen?.p50Ms };
    });
    const scores = weigh(sketches, weights, { by: 'ucb', explore: learns ? 1 : 0 }, () => 0);
    const worths = able.map(
      ({ healthy, near = 0 }, i) => (healthy ? 0 : -9) + scores[i]!.score + NEAR_WEIGHT * weights.quality * near,
    );
    const places = able.map((_, i) => i);
    if (!learns) places.sort((a, b) => byPrice(able[a]!.offer, able[b]!.offer));
    const best = greatestFirst(places, (i) => worths[i]!);
    if (!learns) return best.slice(0, limit).map((i) => able[i]!.offer);
    const newcomers = Math.min(NEWCOMERS, limit);
    const shown = best.slice(0, limit - newcomers);
    const rest = best.slice(limit - newcomers);
    const fresh = rest.filter((i) => (able[i]!.belief?.tries ?? 0) === 0 && able[i]!.healthy);
    const from = fresh.length > 0 ? fresh : rest;
    for (let i = 0; i < newcomers && i < from.length; i++) shown.push(from[(turn + i) % from.length]!);
    turn += newcomers;
    return shown.map((i) => able[i]!.offer);
  }

  function weighed(candidate: Candidate, skill: string): Candidate {
    const copy = { ...candidate };
    measure(copy, skill);
    return copy;
  }

  return { hasChoice, find, weighed };
}

/** Said only where there is something to say. */
function healthOf(seen: FigureView | undefined): HealthFigures | undefined {
  if (seen === undefined || seen.tries === 0 || seen.success === 1) return undefined;
  const busy = (seen.faults['agent.busy'] ?? 0) + (seen.faults['overloaded'] ?? 0);
  const health: HealthFigures = { reliability: round(seen.success) };
  if (busy > 0) health.limited = round(busy / seen.tries);
  return health;
}

function signalsOf(state: RunState, step: StepState, text: string): Signals {
  return readSignals({ text, labels: step.labels, roles: state.by.rights, price: mostOf(state, step) });
}

function told(signals: Signals): string[] {
  const all = sortsOf(signals);
  if (signals.language !== undefined) all.push(`language:${signals.language}`);
  all.push(`length:${signals.length}`);
  return [...new Set(all)];
}

/** The most that this step may cost, where anything limits it. */
function mostOf({ budget }: RunState, { spec }: StepState): number | undefined {
  const left = budget.limit?.money === undefined ? undefined : budget.limit.money - (budget.spent.money ?? 0);
  const ceiling = spec.ceiling?.money;
  return ceiling === undefined ? left : Math.min(ceiling, left ?? Infinity);
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
