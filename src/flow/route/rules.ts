/** Rules that a person writes: conditions over signals, joined by all, any and not. They come before what is learned. */
import type { Preference, RuleApplied } from '../../model/index.ts';
import type { Signals } from './signals.ts';

export type Condition =
  | { all: readonly Condition[] }
  | { any: readonly Condition[] }
  | { not: Condition }
  /** One of these words, or word sequences, is anywhere in the task. */
  | { keywords: readonly string[] }
  | { language: string }
  /** Characters of the goal and of all that the input holds. */
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

/** What a rule of no skill says goes for every step. */
export function concerns(rule: RouteRule, skill: string): boolean {
  return rule.skill === undefined || rule.skill === skill;
}

/**
 * Those that decide something here, and no others, however many apply: whoever avoids before the first that says who may
 * be asked, that one, and the first that says what counts. Where that is all a rule says, it stands last: the run names
 * the first one as what decided.
 */
export function applyRules(rules: readonly RouteRule[], skill: string, signals: Signals): RuleApplied[] {
  const holding = rules
    .filter((rule) => concerns(rule, skill) && (rule.when === undefined || holds(rule.when, signals)))
    .toSorted((a, b) => (b.priority ?? 0) - (a.priority ?? 0));
  const user = holding.findIndex(({ use }) => use !== undefined);
  const naming = (user < 0 ? holding : holding.slice(0, user + 1)).filter(({ use, avoid }) => use ?? avoid);
  const preferring = holding.find(({ prefer }) => prefer !== undefined);
  const deciding = preferring === undefined || naming.includes(preferring) ? naming : [...naming, preferring];
  return deciding.map((rule) => {
    const applied: RuleApplied = { rule: rule.name };
    if (naming.includes(rule)) name(applied, rule);
    if (rule === preferring) applied.prefer = rule.prefer!;
    return applied;
  });
}

/** In the run `use` is all that is looked at of a rule that has it. */
function name(applied: RuleApplied, { use, avoid = [] }: RouteRule): void {
  if (use === undefined) applied.avoid = [...avoid];
  else applied.use = use.filter((agent) => !avoid.includes(agent));
}

export function holds(condition: Condition, signals: Signals): boolean {
  if ('all' in condition) return condition.all.every((one) => holds(one, signals));
  if ('any' in condition) return condition.any.some((one) => holds(one, signals));
  if ('not' in condition) return !holds(condition.not, signals);
  if ('keywords' in condition) return condition.keywords.some(signals.has);
  if ('language' in condition) return signals.language === condition.language;
  if ('length' in condition) return within(signals.length, condition.length);
  if ('label' in condition) return signals.labels.includes(condition.label);
  if ('role' in condition) return signals.roles.some((role) => isRole(role, condition.role));
  if ('price' in condition) return signals.price !== undefined && within(signals.price, condition.price);
  return signals.domains.includes(condition.domain);
}

function isRole(role: string, wanted: string): boolean {
  return wanted.endsWith('*') ? role.startsWith(wanted.slice(0, -1)) : role === wanted;
}

function within(value: number, { atLeast, atMost }: Range): boolean {
  return (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
}
