/** Rules that a person writes: conditions over signals, joined by all, any and not. They come before what is learned. */
import type { Preference, RuleApplied } from '../../model/index.ts';
import { type Signals, wordsOf } from './signals.ts';

export type Condition =
  | { all: readonly Condition[] }
  | { any: readonly Condition[] }
  | { not: Condition }
  /** One of these words, or word sequences, is in the task. */
  | { keywords: readonly string[] }
  | { language: string }
  /** Characters. */
  | { length: Range }
  | { label: string }
  /** A right of who asked; `*` at its end stands for anything. */
  | { role: string }
  /** The most that the step may cost. */
  | { price: Range }
  | { domain: string };

export interface Range {
  atLeast?: number;
  atMost?: number;
}

export interface RouteRule {
  name: string;
  /** Higher first; among equals the order of writing. */
  priority?: number;
  /** Only for steps that need this skill. */
  skill?: string;
  /** None = always. */
  when?: Condition;
  /** Only these agents. */
  use?: readonly string[];
  avoid?: readonly string[];
  /** What counts in the choice among those left. */
  prefer?: Preference;
}

/** Rules that say something about one step: more are not journaled. */
export const MAX_APPLIED = 8;

export function applyRules(rules: readonly RouteRule[], skill: string, signals: Signals): RuleApplied[] {
  return rules
    .filter((rule) => rule.skill === undefined || rule.skill === skill)
    .filter((rule) => rule.when === undefined || holds(rule.when, signals))
    .toSorted((a, b) => (b.priority ?? 0) - (a.priority ?? 0))
    .slice(0, MAX_APPLIED)
    .map(({ name, use, avoid, prefer }) => {
      const applied: RuleApplied = { rule: name };
      if (use !== undefined) applied.use = [...use];
      if (avoid !== undefined) applied.avoid = [...avoid];
      if (prefer !== undefined) applied.prefer = prefer;
      return applied;
    });
}

export function holds(condition: Condition, signals: Signals): boolean {
  if ('all' in condition) return condition.all.every((one) => holds(one, signals));
  if ('any' in condition) return condition.any.some((one) => holds(one, signals));
  if ('not' in condition) return !holds(condition.not, signals);
  if ('keywords' in condition) return condition.keywords.some((keyword) => hasWords(signals, keyword));
  if ('language' in condition) return signals.language === condition.language;
  if ('length' in condition) return within(signals.length, condition.length);
  if ('label' in condition) return signals.labels.includes(condition.label);
  if ('role' in condition) return signals.roles.some((role) => isRole(role, condition.role));
  if ('price' in condition) return signals.price !== undefined && within(signals.price, condition.price);
  return signals.domains.includes(condition.domain);
}

function hasWords(signals: Signals, keyword: string): boolean {
  const words = wordsOf(keyword);
  if (words.length === 1) return signals.words.has(words[0]!);
  return words.length > 0 && ` ${wordsOf(signals.text).join(' ')} `.includes(` ${words.join(' ')} `);
}

function isRole(role: string, wanted: string): boolean {
  return wanted.endsWith('*') ? role.startsWith(wanted.slice(0, -1)) : role === wanted;
}

function within(value: number, { atLeast, atMost }: Range): boolean {
  return (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
}
