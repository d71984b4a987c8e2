/** The nouns of agreement that events, states and candidates share. */
import type { Json } from '../base/index.ts';
import type { AgreeSpec } from './words.ts';

/** What checked outcomes say of an agent at a skill. Figures of one moment: a run never looks them up again. */
export interface TrustFigures {
  /** Believed probability of being right. */
  p: number;
  /** Lower confidence bound of it. */
  low: number;
  /** The checked outcomes it stands on, older ones counting less. */
  n: number;
  /** Log-odds that its vote adds, fitted together with those of the others; negative: it says the opposite. */
  weight?: number;
  /** Agents that make the same mistakes share a cluster, and `rho` says how much so. */
  cluster?: string;
  rho?: number;
  /** How often those who are wrong are wrong in the same way (by chance: one in the number of wrong answers). */
  collide?: number;
  /** Log-odds of the answer that nobody gave: what is left for it when votes are weighed. */
  unsaid?: number;
  /** The sum of log(1 - p) over all that `unsaid` was fitted with: where fewer answer, more goes unsaid. */
  silence?: number;
  /** It has changed, and is believed nothing until golden tasks speak for it again. */
  suspended?: boolean;
}

/** One that may be asked, with the facts it was chosen by. */
export interface Member {
  agent: string;
  trust?: TrustFigures;
  /** The most that one call costs, in the site's currency. */
  price?: number;
}

/**
 * When two answers are the same. `json` compares what the schema names; `named` is a function of the site that makes
 * of an answer a text that is equal for equal answers.
 */
export type Equality =
  | { by: 'exact' | 'text' | 'set' }
  | { by: 'number'; tolerance?: number }
  | { by: 'json'; schema?: Json }
  | { by: 'named'; name: string };

/**
 * What a protocol asks of an agent. `answer` is the step's own question; `revise` is that question again beside the
 * answers `about`; every other kind is a question about those answers, put to judges.
 */
export interface Ask {
  agent: string;
  kind: 'answer' | 'revise' | 'grade' | 'compare' | 'score' | 'run';
  /** Earlier asks of the deliberation, in the order in which their answers are shown. */
  about?: number[];
  /** The skill it is asked under, where it is not the step's. */
  skill?: string;
  /** Anything more that the one asked is told. */
  say?: Json;
}

/** An ask as its attempt keeps it: `i` is its number in the deliberation. */
export type AskFacts = Omit<Ask, 'agent'> & { i: number };

/** Runs of the first engine keep its agreement: one agent or a bare majority, so that their replay is equal to the byte. */
export function agreesPlainly(engine: string): boolean {
  return engine === 'skein/1';
}

/** Whether a step of a run of this engine is put to a protocol. */
export function isAgreed(engine: string, spec: AgreeSpec | undefined): spec is AgreeSpec {
  return spec !== undefined && !(agreesPlainly(engine) && (spec.panel ?? 1) <= 1);
}

/** The skill of those who compare answers, where the step names none. */
const JUDGE_SKILL = 'judge';

export function judgeSkill(spec: AgreeSpec): string {
  return spec.judge ?? JUDGE_SKILL;
}

/** The equality that a schema asks for: text is compared without case and spaces, numbers within rounding. */
export function equalityFor(schema: Json | undefined): Equality {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return { by: 'exact' };
  if (schema.type === 'integer') return { by: 'number', tolerance: 0 };
  if (schema.type === 'number') return { by: 'number' };
  if (schema.type === 'string') return Array.isArray(schema.enum) ? { by: 'exact' } : { by: 'text' };
  if (schema.type === 'array' && schema.uniqueItems === true) return { by: 'set' };
  if (schema.type === 'object' && schema.properties !== undefined) return { by: 'json', schema };
  return { by: 'exact' };
}

/**
 * Log-odds of the answer that nobody gave, among these: all that were fitted together, or only some of them. It holds
 * for errors that are independent, so among few it says too much: to be careful by, not to believe by.
 */
export function unsaidAmong(heard: readonly TrustFigures[]): number | undefined {
  const known = heard.find(({ unsaid }) => unsaid !== undefined);
  // Where nobody is ever right there is nothing to go by.
  if (known?.silence === undefined || known.silence === 0) return known?.unsaid;
  let silence = 0;
  for (const { p, suspended } of heard) if (suspended !== true) silence += logOfWrong(p);
  const share = Math.min(1, silence / known.silence);
  const chance = (1 / (1 + Math.exp(-known.unsaid!))) ** share;
  return Math.log(chance / (1 - chance));
}

/** Nobody is taken to be always right. */
export function logOfWrong(p: number): number {
  return Math.log(1 - Math.min(0.98, p));
}
