/** What a rule about agents may say. Whoever writes one, in a configuration or in code, is told of what can never hold. */
import { z } from 'zod';
import { Fault } from '../../base/index.ts';
import { KNOWN_DOMAINS, KNOWN_LANGUAGES, type RouteRule } from '../../flow/index.ts';
import { amountShape, mistakesOf } from '../../model/index.ts';

type Condition = NonNullable<RouteRule['when']>;

const range = z
  .strictObject({ atLeast: z.number().optional(), atMost: z.number().optional() })
  .refine((one) => one.atLeast !== undefined || one.atMost !== undefined, 'name `atLeast`, `atMost` or both')
  .refine(({ atLeast = -Infinity, atMost = Infinity }) => atLeast <= atMost, 'nothing is at least more than at most');
const word = z.string().min(1);
const several = <T extends z.ZodType>(one: T) => z.array(one).min(1, 'names none');
const keyword = z.string().regex(/\S/u, 'holds nothing that could be found');
const language = z.enum(KNOWN_LANGUAGES, `no text is told to be in it; those that are told: ${list(KNOWN_LANGUAGES)}`);
const domain = z.enum(KNOWN_DOMAINS, `no text is told to be about it; those that are told: ${list(KNOWN_DOMAINS)}`);

const WORDS =
  '`keywords`, `language`, `length`, `label`, `role`, `price`, `domain`, or of `all`, `any`, `not` over them';

// One shape with all words, not one for each: so a slip in one of them is told as such.
const condition: z.ZodType<Condition> = z.lazy(() =>
  z
    .strictObject({
      keywords: several(keyword).optional(),
      language: language.optional(),
      length: range.optional(),
      label: word.optional(),
      role: word.optional(),
      price: range.optional(),
      domain: domain.optional(),
      all: several(condition).optional(),
      any: several(condition).optional(),
      not: condition.optional(),
    })
    .superRefine((one, context) => {
      // A word that nobody knows was told already.
      if (context.issues.length > 0) return;
      const said = Object.keys(one);
      if (said.length > 1) context.addIssue(`${list(said)}: a condition says one thing; join several with \`all\``);
      else if (Object.values(one)[0] === undefined) context.addIssue(`one of ${WORDS}`);
    }),
) as unknown as z.ZodType<Condition>;

const prefer = z.union(
  [
    z.enum(['balanced', 'quality', 'cost', 'speed']),
    z.strictObject({
      quality: amountShape.optional(),
      cost: amountShape.optional(),
      speed: amountShape.optional(),
    }),
  ],
  { error: '`balanced`, `quality`, `cost`, `speed`, or weights of the last three' },
);

const rule = z
  .strictObject({
    name: word,
    priority: z.number().optional(),
    skill: word.optional(),
    when: condition.optional(),
    use: several(word).optional(),
    avoid: several(word).optional(),
    prefer: prefer.optional(),
  })
  .superRefine(({ use, avoid, prefer: what }, context) => {
    if (context.issues.length > 0) return;
    if ((use ?? avoid ?? what) === undefined) context.addIssue('says nothing: name `use`, `avoid` or `prefer`');
    if (use?.every((agent) => avoid?.includes(agent)))
      context.addIssue('would `use` only whom it says to `avoid`: nobody could be asked');
  });

export const ruleList = z.array(rule).superRefine((all, context) => {
  for (const [i, { name }] of all.entries())
    if (all.findIndex((one) => one.name === name) < i)
      context.addIssue({ code: 'custom', path: [i, 'name'], message: `another rule is named '${name}'` });
}) satisfies z.ZodType<RouteRule[]>;

/** `place`: where they were given. */
export function checkRules(rules: readonly RouteRule[], place: string): void {
  const read = ruleList.safeParse(rules);
  if (read.success) return;
  const said = mistakesOf(ruleList, read.error).map((one) => `${[place, ...one.place].join('.')}: ${one.message}`);
  throw new Fault('input.invalid', said.join('; '));
}

function list(words: readonly string[]): string {
  return words.join(', ');
}
