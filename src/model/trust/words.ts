/** What trust is folded from, and the folded whole. Data only: it is kept as JSON. */

/** How it became known which answer is right. Agreement is not among them: it only ever lowers trust (drift.ts). */
export type Source = 'golden' | 'check' | 'outcome' | 'exam';

/**
 * Answers to one task of which the right one is known. Camps are numbers: equal answers have the same one. A skill
 * `qa/law` is a part of `qa`: what is known of the whole is what a part is believed by until it has a record of its own.
 */
export interface Checked {
  skill: string;
  /** What each agent said; -1 = it was asked and gave nothing that counts. */
  said: Record<string, number>;
  /** The camp that is right; -1 = nobody said it. */
  right: number;
  /** How many answers there are to choose from, where that is known: nothing then goes unsaid. */
  options?: number;
  source: Source;
}

/** Answers to one task of which nobody knows the right one. */
export interface Unchecked {
  skill: string;
  said: Record<string, number>;
}

/** An agent that unchecked answers showed to be another than it was. */
export interface Changed {
  agent: string;
  skill: string;
  /** What it was believed before. */
  p: number;
  /** The how manieth time. */
  times: number;
}

export interface DriftState {
  /** How often it agreed with what the others were sure of: hits and tries, older ones counting less. */
  hits: number;
  tries: number;
  /** Evidence that it is not what it was. */
  sum: number;
  /** The same from checked outcomes. */
  sumChecked: number;
  /** Set while it is suspended: what it was believed before, and its checked outcomes since. */
  since?: { p: number; right: number; n: number };
  /** How often it was suspended: each time it takes longer to come back. */
  times: number;
}

export interface SkillTrust {
  rows: Checked[];
  drift: Record<string, DriftState>;
  /** Rises with every checked outcome: figures are made anew when it has. */
  revision: number;
}

export interface TrustState {
  skills: Record<string, SkillTrust>;
}

/** Checked tasks kept for each skill: enough for weights to be fitted together, and bounded. */
export const MAX_ROWS = 768;
/** A checked outcome counts half after so many newer ones: agents change. */
export const HALF_LIFE_ROWS = 600;

export function newTrust(): TrustState {
  return { skills: {} };
}

/** `qa/law` -> `qa`. */
export function wholeOf(skill: string): string {
  const cut = skill.indexOf('/');
  return cut < 0 ? skill : skill.slice(0, cut);
}
