/** Rules of what goes wrong, as the `faults:` block of a configuration says them: by probability or by schedule, seeded. */
import { z } from 'zod';
import { MAX_MS } from '../../base/index.ts';
import { AGENT_TROUBLES, type AgentTroubleKind } from '../../ports/agent/index.ts';

export const PLACES = ['agents', 'tools', 'store', 'doors'] as const;
export type FaultPlace = (typeof PLACES)[number];
/** The doors that can be named; `http` is all that is no other's. */
export const DOORS = ['http', 'mcp', 'a2a', 'ag-ui'] as const;

/** What is no fault of that place, and why. */
const MEANINGLESS: Partial<Record<`${FaultPlace} ${AgentTroubleKind}`, string>> = {
  'store reorder': 'a store works what a worker commits in the order of its calls; one that does not is no store',
  'doors wrong':
    'an answer that fits its shape and says something else is believed by whoever called, so nothing could tell; use malformed or truncated, or wrong at agents',
};

const span = z.number().nonnegative().max(MAX_MS);

export const faultRule = z
  .strictObject({
    at: z
      .enum(PLACES)
      .describe(
        '`tools`: calls with an effect; `doors`: requests to the HTTP door and what is under it, and calls to the gRPC port of `a2a`.',
      ),
    kind: z.enum(AGENT_TROUBLES).describe('Not: reorder at the store, wrong at doors.'),
    of: z.string().min(1).optional().describe('Only this agent; at doors: only `http`, `mcp`, `a2a` or `ag-ui`.'),
    probability: z.number().min(0).max(1).default(1).describe('Of the calls that the rule is about, how many.'),
    afterMs: span.default(0).describe('Not before the site has been open for so long.'),
    forMs: span.positive().optional().describe('And only for so long.'),
    everyMs: span.positive().optional().describe('The same again each time after so long; goes with `forMs`.'),
    ms: span
      .default(100)
      .describe('slow, reorder: by so much; rate-limit: free again after it; hang at the store: given up after it.'),
  })
  .superRefine(({ at, kind, of, forMs, everyMs }, context) => {
    if (everyMs !== undefined && !(forMs !== undefined && forMs <= everyMs)) {
      const message = 'says nothing without a `forMs` that is no longer: it would never be over';
      context.addIssue({ code: 'custom', path: ['everyMs'], message });
    }
    const why = MEANINGLESS[`${at} ${kind}`];
    if (why !== undefined) context.addIssue({ code: 'custom', path: ['kind'], message: `no ${kind} at ${at}: ${why}` });
    if (of === undefined) return;
    const isDoor = (DOORS as readonly string[]).includes(of);
    if (at === 'doors' && !isDoor)
      context.addIssue({ code: 'custom', path: ['of'], message: `no door is called '${of}': ${DOORS.join(', ')}` });
    if (at === 'store')
      context.addIssue({ code: 'custom', path: ['of'], message: 'a store has no parts to name: leave `of` out' });
  });
export const faultRules = z.strictObject({
  seed: z.string().default('1').describe('The same seed and the same calls go wrong in the same way.'),
  rules: z.array(faultRule).default([]),
});

export type FaultRule = z.output<typeof faultRule>;
export type FaultRules = z.output<typeof faultRules>;
