/** The block `routing`: how agents are chosen, and what a person says about it. */
import { z } from 'zod';
import type { RouteRule } from '../../flow/index.ts';

type Condition = NonNullable<RouteRule['when']>;

const range = z
  .strictObject({ atLeast: z.number().optional(), atMost: z.number().optional() })
  .refine((one) => one.atLeast !== undefined || one.atMost !== undefined, 'name `atLeast`, `atMost` or both');
const word = z.string().min(1);

const condition: z.ZodType<Condition> = z.lazy(() =>
  z.union(
    [
      z.strictObject({ all: z.array(condition).min(1) }),
      z.strictObject({ any: z.array(condition).min(1) }),
      z.strictObject({ not: condition }),
      z.strictObject({ keywords: z.array(word).min(1) }),
      z.strictObject({ language: word }),
      z.strictObject({ length: range }),
      z.strictObject({ label: word }),
      z.strictObject({ role: word }),
      z.strictObject({ price: range }),
      z.strictObject({ domain: word }),
    ],
    {
      error:
        'one of `keywords`, `language`, `length`, `label`, `role`, `price`, `domain`, or of `all`, `any`, `not` over them',
    },
  ),
);

const prefer = z.union(
  [
    z.enum(['balanced', 'quality', 'cost', 'speed']),
    z.strictObject({
      quality: z.number().nonnegative().optional(),
      cost: z.number().nonnegative().optional(),
      speed: z.number().nonnegative().optional(),
    }),
  ],
  { error: '`balanced`, `quality`, `cost`, `speed`, or weights of the last three' },
);

const rule = z.strictObject({
  name: word,
  priority: z.number().optional(),
  skill: word.optional(),
  when: condition.optional(),
  use: z.array(word).min(1).optional(),
  avoid: z.array(word).min(1).optional(),
  prefer: prefer.optional(),
}) satisfies z.ZodType<RouteRule>;

export const routing = z.strictObject({
  choose: z
    .enum(['learned', 'fixed'])
    .optional()
    .describe('`learned`: by what was observed of them. `fixed`: the cheapest, then by name. Default: learned.'),
  by: z
    .enum(['lookahead', 'thompson', 'ucb'])
    .optional()
    .describe('How it is decided whom to try of whom little is known. Default: lookahead.'),
  explore: z
    .number()
    .nonnegative()
    .optional()
    .describe(
      'How much of that (lookahead: for how many later tasks of its sort, default 450; thompson, ucb: how much of what is unsure, defaults 0.5 and 1.2); 0 = never.',
    ),
  rules: z
    .array(rule)
    .optional()
    .describe('Who may be asked for what: `name`, `priority`, `skill`, `when`, `use`, `avoid`, `prefer`.'),
  embeddings: z
    .strictObject({
      baseUrl: z.url({ protocol: /^https?$/ }).describe('Without `/embeddings`: `http://127.0.0.1:11434/v1`.'),
      model: word.describe('The model that makes vectors of texts.'),
      dims: z.number().int().positive().describe('How long its vectors are.'),
      keyEnv: word.optional().describe('The environment variable that holds the key of the API.'),
    })
    .optional()
    .describe('An API that finds agents by meaning. Default: words, offline.'),
});
