/** The words in which people and planners write a plan: their shapes. read.ts turns them into a plan. */
import { z } from 'zod';
import type { Json } from '../../base/index.ts';
import { amountShape } from '../amounts.ts';
import { MAX_WAYS } from '../words.ts';

const json = z.json() as z.ZodType<Json>;
const text = z.string().min(1);
/** `500ms`, `30s`, `5m`, `2h`, `1d`, or a number of milliseconds. */
const duration = z.union([
  z.number().nonnegative(),
  z.string().regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'write 500ms, 30s, 5m, 2h or 1d'),
]);
const when = z.enum(['success', 'completion', 'failure']);
const edge = z.union([
  text,
  z.strictObject({ step: text, when: when.optional(), if: text.optional() }),
  z.record(text, when),
]);
const join = z.union([z.enum(['all', 'any', 'settled']), z.strictObject({ atLeast: z.int().positive() })]);
const amounts = z.strictObject({
  money: amountShape.optional(),
  tokens: amountShape.optional(),
  calls: amountShape.optional(),
  time: duration.optional(),
});
const weights = z.strictObject({
  quality: amountShape.optional(),
  cost: amountShape.optional(),
  speed: amountShape.optional(),
});
const lesser = z.union([text, z.strictObject({ ask: text, agent: text.optional() })]);

/** Words that say what kind of step it is; a step has exactly one. */
const kinds = {
  ask: text,
  effect: text,
  code: text,
  map: text,
  loop: json,
  wait: z.union([duration, z.strictObject({ until: json })]),
  signal: text,
  plan: text,
  workflow: z.union([text, z.strictObject({ name: text, version: text.optional() })]),
  gate: z.union([text, z.strictObject({ right: text.optional(), timeout: duration.optional() })]),
};

const flat = z.strictObject({
  ...(Object.fromEntries(Object.entries(kinds).map(([word, type]) => [word, type.optional()])) as {
    [K in keyof typeof kinds]: z.ZodOptional<(typeof kinds)[K]>;
  }),
  with: json.optional(),
  after: z.union([edge, z.array(edge)]).optional(),
  join: join.optional(),
  if: text.optional(),
  returns: json.optional(),
  class: z.enum(['pure', 'idempotent', 'reversible', 'irreversible']).optional(),
  agent: text.optional(),
  agree: z.looseObject({ by: text, panel: z.int().positive().optional() }).optional(),
  retry: z
    .strictObject({
      tries: z.int().positive().optional(),
      first: duration.optional(),
      factor: z.number().min(1).optional(),
      max: duration.optional(),
    })
    .optional(),
  timeout: duration.optional(),
  deadline: duration.optional(),
  ceiling: amounts.optional(),
  prefer: z.union([z.enum(['balanced', 'quality', 'cost', 'speed']), weights]).optional(),
  hedge: z.boolean().optional(),
  budget: amounts.optional(),
  lesser: z.array(lesser).optional(),
  /** What a call weighs when ways are compared. */
  cost: amountShape.optional(),
  /** How long a call takes, where it was not measured. */
  takes: duration.optional(),
  /** Its effect may stand when the way it is part of is left. */
  stays: z.boolean().optional(),
  /** Who is asked when no way is left: the right to answer. */
  person: text.optional(),
  right: text.optional(),
  key: text.optional(),
  width: z.int().positive().optional(),
  need: join.optional(),
  until: text.optional(),
  turns: z.int().nonnegative().optional(),
  output: json.optional(),
  was: text.optional(),
  labels: z.array(text).optional(),
  drift: z.enum(['ask', 'keep', 'redo']).optional(),
  /** For people. */
  note: z.string().optional(),
});

/** Another way to the same goal: somebody else's skill, or steps of its own. */
export type WayWords =
  | string
  | { ask?: string; effect?: string; agent?: string; cost?: number }
  | { steps: Record<string, StepWords>; output?: Json };

export type StepWords = z.infer<typeof flat> & { steps?: Record<string, StepWords>; alternatives?: WayWords[] };

/** Named in the other shape, so that a mistake within one is not told as a word that the other does not know. */
const notBoth = z.never({ error: 'a way is one call, or `steps` of its own' }).optional();

const way: z.ZodType<WayWords> = z.lazy(() =>
  z.union([
    text,
    z.strictObject({
      ask: text.optional(),
      effect: text.optional(),
      agent: text.optional(),
      cost: amountShape.optional(),
      steps: notBoth,
    }),
    z.strictObject({
      steps: z.record(z.string(), stepWords),
      output: json.optional(),
      ask: notBoth,
      effect: notBoth,
      agent: notBoth,
      cost: notBoth,
    }),
  ]),
);

export const stepWords: z.ZodType<StepWords> = flat.extend({
  /** map, loop: what is done for each item or turn. */
  steps: z.lazy(() => z.record(z.string(), stepWords)).optional(),
  /** ask, effect: other ways to the same goal. */
  alternatives: z.array(way).min(1).max(MAX_WAYS).optional(),
});

/** All words that a step may say. */
export const STEP_WORDS = [...Object.keys(flat.shape), 'steps', 'alternatives'];

export const bodyWords = z.object({
  steps: z.record(z.string(), stepWords),
  output: json.optional(),
});

export const planWords = z.strictObject({
  name: text,
  version: z.union([text, z.number()]).optional(),
  goal: z.string().optional(),
  note: z.string().optional(),
  input: json.optional(),
  budget: amounts.optional(),
  deadline: duration.optional(),
  labels: z.array(text).optional(),
  ...bodyWords.shape,
});

export type PlanWords = z.infer<typeof planWords>;
export type EdgeWords = z.infer<typeof edge>;
export type AmountsWords = z.infer<typeof amounts>;
export type DurationWords = z.infer<typeof duration>;

export const KIND_WORDS = Object.keys(kinds) as (keyof typeof kinds)[];
export type KindWord = keyof typeof kinds;
