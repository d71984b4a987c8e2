/** The block `routing`: how agents are chosen, and what a person says about it. */
import { z } from 'zod';
import { ruleList } from '../route/rule-shape.ts';

const word = z.string().min(1);

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
  rules: ruleList
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
