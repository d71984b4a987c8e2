/** Rules of what goes wrong, as the `faults:` block of a configuration says them: by probability or by schedule, seeded. */
import { z } from 'zod';
import { type Clock, createSeededChance } from '../../base/index.ts';
import {
  AGENT_TROUBLES,
  type Agent,
  type AgentTrouble,
  type AgentTroubleKind,
  withAgentFaults,
} from '../../ports/agent/index.ts';
import { type StoreTrouble, withStoreFaults } from '../../ports/store/faults.ts';
import type { Store } from '../../ports/store/index.ts';

const ofStores = z.enum(['slow', 'crash', 'flap', 'partition']);
const often = {
  probability: z.number().min(0).max(1).default(1).describe('Of the calls that the rule is about, how many.'),
  afterMs: z.number().nonnegative().default(0).describe('Not before the site has been open for so long.'),
  forMs: z.number().positive().optional().describe('And only for so long.'),
  everyMs: z.number().positive().optional().describe('The same again each time after so long.'),
  ms: z.number().nonnegative().default(100).describe('slow, reorder: by so much; rate-limit: free again after it.'),
};
export const faultRule = z.union([
  z.strictObject({
    at: z.enum(['agents', 'tools']).describe('`tools`: only calls with an effect.'),
    kind: z.enum(AGENT_TROUBLES),
    of: z.string().min(1).optional().describe('Only this agent.'),
    ...often,
  }),
  z.strictObject({ at: z.literal('store'), kind: ofStores, ...often }),
]);
export const faultRules = z.strictObject({
  seed: z.string().default('1').describe('The same seed and the same calls go wrong in the same way.'),
  rules: z.array(faultRule).default([]),
});

export type FaultRule = z.output<typeof faultRule>;
export type FaultRules = z.output<typeof faultRules>;

/** One that went wrong on purpose. */
export interface Injected {
  at: FaultRule['at'];
  kind: AgentTroubleKind;
  agent?: string;
  run?: string;
  step?: string;
  n?: number;
}

export interface Injector {
  agent(agent: Agent): Agent;
  store<S extends Store>(store: S): S;
  readonly injected: readonly Injected[];
}

/** Kept to be reported: a campaign that injects more says how many were dropped. */
const MAX_KEPT = 1_000_000;

export function createInjector({ seed, rules }: FaultRules, clock: Clock): Injector {
  const begunMs = clock.monotonicMs();
  const chance = createSeededChance(`faults/${seed}`);
  const injected: Injected[] = [];
  const note = (one: Injected): void => {
    if (injected.length < MAX_KEPT) injected.push(one);
  };

  function isDue(rule: FaultRule): boolean {
    const sinceMs = clock.monotonicMs() - begunMs - rule.afterMs;
    if (sinceMs < 0) return false;
    const at = rule.everyMs === undefined ? sinceMs : sinceMs % rule.everyMs;
    if (rule.forMs !== undefined && at >= rule.forMs) return false;
    // A window of its own is where it is meant to be: within it everything goes wrong, unless said otherwise.
    return chance.yes(rule.probability);
  }

  return {
    injected,
    agent: (agent) =>
      withAgentFaults(agent, {
        wait: (ms) => new Promise((resolve) => clock.after(ms, resolve)),
        decide(name, call): AgentTrouble | undefined {
          for (const rule of rules) {
            if (rule.at === 'store' || (rule.of !== undefined && rule.of !== name)) continue;
            if (rule.at === 'tools' && call.effect === 'pure') continue;
            if (!isDue(rule)) continue;
            const { run, step, attempt: n } = call;
            note({ at: rule.at, kind: rule.kind, agent: name, run, step, n });
            return { kind: rule.kind, ms: rule.ms, worked: chance.yes(0.5) };
          }
          return undefined;
        },
      }),
    store: (store) =>
      withStoreFaults(store, {
        decide({ verb }): StoreTrouble | undefined {
          // Whoever cannot join has no site at all: that is no fault to heal.
          if (verb === 'join' || verb === 'leave') return undefined;
          for (const rule of rules) {
            if (rule.at !== 'store' || !isDue(rule)) continue;
            note({ at: 'store', kind: rule.kind });
            const until = new Promise<void>((resolve) => clock.after(rule.ms, resolve));
            if (rule.kind === 'slow') return { kind: 'delay', when: 'before', until };
            if (rule.kind === 'crash') return { kind: 'lose', code: 'store.unreachable' };
            return { kind: 'fail', code: rule.kind === 'flap' ? 'store.busy' : 'store.unreachable' };
          }
          return undefined;
        },
      }),
  };
}
