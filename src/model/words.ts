/** The nouns that events, states and commands share. */
import type { FaultData, Json } from '../base/index.ts';
import type { TrustFigures } from './agreement.ts';
import type { PlanBody } from './plan.ts';

/** What a call may change outside: decides what may be retried, moved, hedged. */
export type EffectClass = 'pure' | 'idempotent' | 'reversible' | 'irreversible';

export const EFFECT_CLASSES: readonly EffectClass[] = ['pure', 'idempotent', 'reversible', 'irreversible'];

/** Who asked. Rights are names; `*` is every right, `gate:*` every right that starts with `gate:`. */
export interface Principal {
  id: string;
  rights: string[];
}

/** What can be spent. A missing member is no limit (in a limit) or nothing (in a cost). */
export interface Amounts {
  /** In the site's currency. */
  money?: number;
  tokens?: number;
  calls?: number;
  /** Time of agents at work. */
  timeMs?: number;
}

/** What a call to a model took. Tokens of the input are counted once: `inputTokens` has those from the cache in it. */
export interface Usage {
  /** `provider/model`, as the provider names it. */
  model?: string;
  inputTokens?: number;
  outputTokens?: number;
  /** Of the input: read from the provider's cache, and written to it. */
  cachedTokens?: number;
  cacheWriteTokens?: number;
  /** Of the output: thought and not said. */
  reasoningTokens?: number;
  /** Calls to the model that it took: more than one when an answer had to be mended. */
  turns?: number;
}

export type StepKind =
  | 'ask'
  | 'effect'
  | 'code'
  | 'map'
  | 'join'
  | 'loop'
  | 'gate'
  | 'wait'
  | 'signal'
  | 'plan'
  | 'workflow'
  | 'now'
  | 'random';

export type Outcome = 'ok' | 'failed' | 'cancelled' | 'skipped';

export type JoinMode = 'all' | 'any' | 'settled' | { atLeast: number };

export interface RetrySpec {
  /** Tries at one agent, when the fault allows the same again; other agents are bounded by what exists. */
  tries?: number;
  firstMs?: number;
  factor?: number;
  maxMs?: number;
}

/** How several answers become one; the rooms of agreement read more members than these. */
export interface AgreeSpec {
  by: string;
  /** How many agents to ask. */
  panel?: number;
  /** When answers are the same: exact, text, number, set, a typed equality, or a function of the site by name. */
  equal?: Json;
  /** A function of the site that says whether an answer is legal: one that is not is a non-vote. */
  check?: string;
  /** What the check passes is right (it runs the tests, say): trust learns from each of its words. */
  proof?: boolean;
  /** The skill of those who compare answers. */
  judge?: string;
  [option: string]: Json | undefined;
}

/**
 * What counts when an agent is chosen: a word, or weights. Right answers weigh 1 unless said; the most expensive
 * (slowest) candidate loses the weight of cost (speed).
 */
export type Preference = 'balanced' | 'quality' | 'cost' | 'speed' | PreferenceWeights;

export interface PreferenceWeights {
  quality?: number;
  cost?: number;
  speed?: number;
}

/** Another way to the same goal and the same contract: steps of its own, in the scope of the step it stands in for. */
export interface WaySpec {
  body: PlanBody;
}

/** At most this many ways beside a step's own: each is weighed, and named in the journal, at every choice. */
export const MAX_WAYS = 32;

/** What is asked of a run: everything about a step that decisions need, and nothing a payload holds. */
export interface StepSpec {
  /** ask, effect: who can do it. */
  skill?: string;
  /** ask, effect: only this agent. */
  agent?: string;
  /** The step's own word on its effect class; the stricter of it and the agent's counts. */
  effect?: EffectClass;
  agree?: AgreeSpec;
  /** ask, effect: what counts when an agent is chosen; the task's own word else. */
  prefer?: Preference;
  /** ask: a pure call that is slow is asked of a second agent too; the first answer counts. */
  hedge?: boolean;
  retry?: RetrySpec;
  /** For one attempt. */
  timeoutMs?: number;
  /** For the whole step, with all its attempts and its waits for persons. */
  deadlineMs?: number;
  /** The most one attempt may cost: wanted where the agent names no price. */
  ceiling?: Amounts;
  /** Lesser goals, tried in order when no way is left to this one. */
  lesser?: { skill: string; agent?: string }[];
  /** Other ways to the same goal: the cheapest that is open is taken, from where the work stands. */
  alternatives?: WaySpec[];
  /** What a call weighs when ways are compared, where no measured figure says it. */
  cost?: number;
  /** How long a call takes, where no measured figure says it. */
  takesMs?: number;
  /** Its effect may stand when the way it is part of is left. */
  stays?: boolean;
  /** When no way is left: who is asked (the right to answer), before the step fails. */
  person?: string;
  /** gate: the right that an answer needs. */
  right?: string;
  /** gate: the step that passes only through this gate. */
  gate?: string;
  /** wait: how long. */
  waitMs?: number;
  /** wait: until when (ms since 1970). */
  untilMs?: number;
  /** signal: its name. */
  signal?: string;
  /** join, map: how branches become one. */
  join?: JoinMode;
  /** join, map: the branches' keys when they are known from the start. */
  branches?: string[];
  /** map: a hash of each item, in the order of the branches. */
  items?: string[];
  /** map: how many branches may be open at once. */
  width?: number;
  /** loop: the most turns. */
  maxTurns?: number;
  /** workflow: the child. */
  workflow?: string;
  version?: string;
  /** workflow: the child's own budget, held from ours while it runs; none = it draws from ours. */
  budget?: Amounts;
  /** code: the registered function (data workflows). */
  code?: string;
  /** What to do when the settled input differs: ask a person (the default), keep or redo. */
  drift?: 'ask' | 'keep' | 'redo';
}

/** A step as asked. `hash` covers input, output schema and effect class. */
export interface StepAsk {
  step: string;
  kind: StepKind;
  hash: string;
  spec?: StepSpec;
  /** The step's former id, when the author renamed it; and what it may mean besides. */
  was?: string;
  wasAlso?: string;
  /** The same where nothing of the run can have that name: whom code from before the edit means by it. */
  former?: string;
  labels?: string[];
  data?: Json;
}

/** One agent as a run sees it: journaled facts, never looked up again. */
export interface Candidate {
  agent: string;
  effect: EffectClass;
  /** It declares none: irreversible, because nobody knows. */
  undeclared?: boolean;
  /** Keys of ours are honoured: an idempotent call may be repeated. */
  keyed?: boolean;
  /** Can say whether a key was worked. */
  reconciles?: boolean;
  /** Has an undo. */
  undoes?: boolean;
  /** The most one call costs; none = unpriced. */
  price?: Amounts;
  /** Figures that choose among equals, higher first. */
  score?: number;
  /** How near its words are to the step's: 0 to 1. */
  near?: number;
  /** What is believed of its being right at this sort of task (0 to 1), how unsure that is, and from how many tries. */
  quality?: number;
  unsure?: number;
  tries?: number;
  /** What a call has cost on the mean; how long calls take; how many are out now. */
  money?: number;
  p50Ms?: number;
  p95Ms?: number;
  load?: number;
  healthy?: boolean;
  /** What checked outcomes say of it at this skill. */
  trust?: TrustFigures;
  /** What was measured of it lately at this skill. */
  health?: HealthFigures;
  /** Failures of others at this skill that it healed before, by their sign, and how surely: 0 to 1. */
  cures?: Readonly<Record<string, number>>;
}

export interface HealthFigures {
  /** Of its calls, the share that came well: 0..1. */
  reliability?: number;
  /** Of its calls, the share that it put off for their rate: 0..1. */
  limited?: number;
  /** Its breaker lets one call through, to see whether it is well again. */
  probe?: boolean;
}

/**
 * Why the site did not make a call that was decided. unhealthy: its breaker is open, or another call tries just now whether
 * it is well again; rate: its calls of this minute are used up; full: its places were taken for as long as the call had, or
 * its line was full.
 */
export type Unasked = 'unhealthy' | 'rate' | 'full';

/** How the candidates of one step are to be ranked: facts of the site, as they were when it was asked. */
export interface ChooseFacts {
  by: 'lookahead' | 'thompson' | 'ucb';
  /** How much of the uncertainty counts; lookahead: so many later tasks gain by what is learned. 0 = never explore. */
  explore: number;
  /** Rules of a person that decide something at this step, the first of them first. */
  rules?: RuleApplied[];
  /** What the rules were read from. */
  signals?: string[];
}

export interface RuleApplied {
  rule: string;
  use?: string[];
  avoid?: string[];
  prefer?: Preference;
}

/** Why this agent of several: only where there was a choice. */
export interface Chosen {
  /** rule: a person's rule left or named it; learned: what was observed. */
  by: 'rule' | 'learned';
  /** The first that there is. Which one decided, where there are several, says `explainChoice`. */
  rule?: string;
  /** How many could have been asked. */
  of: number;
  score: number;
  /** Another one was believed better: this one was tried to learn more. */
  explored?: boolean;
  /** It healed such a failure before, and so surely: 0 to 1. */
  remembered?: number;
}

export type RunOutcome = 'completed' | 'failed' | 'cancelled' | 'continued';

/** What a child run did and can be undone: its parent's to undo from now on. */
export interface ChildEffect {
  step: string;
  agent: string;
  skill: string;
  key: string;
  effect: EffectClass;
  /** Whose it was, and as which step: what went in and came out is in that journal. */
  of: { run: string; step: string };
}

export interface ParentLink {
  run: string;
  step: string;
  /** The child draws its budget from the parent's: in these dimensions only, or in all. */
  draws?: boolean;
  drawn?: (keyof Amounts)[];
}

export interface Failure {
  fault: FaultData;
}

/** At most this many candidates enter a run for a skill. */
export const MAX_CANDIDATES = 16;

/** Counted with those that gates refused, but shut out by none: they may be shown when somebody is looked for again. */
export const NOT_NEAR = 'not among the nearest';
export const NOT_YET = 'not yet indexed';
export const AT_LIMIT = 'at its limit';
export const NOT_SHOWN: ReadonlySet<string> = new Set([NOT_NEAR, NOT_YET, AT_LIMIT]);

/** Who comes with no list of rights has none: a letter of another program may hold anything. */
export function hasRight(principal: Principal, right: string): boolean {
  const rights: readonly unknown[] = Array.isArray(principal.rights) ? principal.rights : [];
  return rights.some(
    (r) =>
      typeof r === 'string' && (r === '*' || r === right || (r.endsWith(':*') && right.startsWith(r.slice(0, -1)))),
  );
}

/** Every label of both, sorted, none twice; undefined when there is none. */
export function joinLabels(a: readonly string[] | undefined, b: readonly string[] | undefined): string[] | undefined {
  if (a === undefined || a.length === 0) return b === undefined || b.length === 0 ? undefined : [...b];
  if (b === undefined || b.length === 0) return [...a];
  return [...new Set([...a, ...b])].sort();
}

const STRICTNESS: Record<EffectClass, number> = { pure: 0, idempotent: 1, reversible: 2, irreversible: 3 };

export function stricter(a: EffectClass, b: EffectClass): EffectClass {
  return STRICTNESS[a] >= STRICTNESS[b] ? a : b;
}
