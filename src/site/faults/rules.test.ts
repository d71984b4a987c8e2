/** Faults on purpose: every kind at every place does what it says, or is refused where it means nothing. */
import { describe, expect, test } from 'vitest';
import { plan } from '../../author/index.ts';
import { createSeededChance, Fault } from '../../base/index.ts';
import { createTrialClock } from '../../lab/trial/index.ts';
import { AGENT_TROUBLES, functionAgent } from '../../ports/agent/index.ts';
import { createMemoryStore } from '../../ports/store/memory.ts';
import { loadRun } from '../load.ts';
import { openSite } from '../site.ts';
import { createInjector, faultRules } from './index.ts';
import { PLACES } from './rules.ts';

const MEANINGLESS = new Set(['store reorder', 'doors wrong']);
const rule = (at: string, kind: string, more: object = {}) => faultRules.safeParse({ rules: [{ at, kind, ...more }] });

test('each kind at each place is taken, or refused with a reason', () => {
  for (const at of PLACES)
    for (const kind of AGENT_TROUBLES) {
      const read = rule(at, kind);
      expect(`${at} ${kind} ${read.success}`).toBe(`${at} ${kind} ${!MEANINGLESS.has(`${at} ${kind}`)}`);
      if (!read.success) expect(read.error.issues[0]!.message).toMatch(new RegExp(`^no ${kind} at ${at}: .{20}`));
    }
  expect(rule('store', 'slow', { of: 'x' }).error?.issues[0]?.message).toContain('a store has no parts');
  expect(rule('doors', 'slow', { of: 'x' }).error?.issues[0]?.message).toContain('no door is called');
  expect(rule('doors', 'slow', { of: 'mcp' }).success).toBe(true);
});

test('spans that mean nothing are refused', () => {
  const says = (more: object) => rule('agents', 'slow', more).error?.issues[0]?.path.at(-1);
  expect(says({ ms: 1e300 })).toBe('ms');
  expect(says({ everyMs: 10 })).toBe('everyMs');
  expect(says({ everyMs: 10, forMs: 11 })).toBe('everyMs');
  expect(says({ everyMs: 10, forMs: 10 })).toBeUndefined();
  expect(says({ forMs: 10 })).toBeUndefined();
});

describe('at the store', () => {
  const flow = plan('sum').step('one', { ask: 'add' }).step('two', { ask: 'add', after: 'one' }).workflow();
  const AT_STORES = AGENT_TROUBLES.filter((kind) => kind !== 'reorder');

  test.each(AT_STORES)('%s: the run goes on, and all of it is there once', async (kind) => {
    const clock = createTrialClock();
    const rules = faultRules.parse({ rules: [{ at: 'store', kind, probability: 0.3 }] });
    const injector = createInjector(rules, clock);
    const memory = createMemoryStore();
    const agents = [functionAgent('adder', { skills: { add: () => 1 } })];
    const site = await openSite({
      store: injector.store(memory),
      clock,
      chance: createSeededChance(kind),
      keepFacts: false,
      evictAfterMs: 0,
      workflows: [flow],
      agents,
    });
    for (let n = 0; n < 5; n++) {
      const begin = async (): Promise<void> => {
        try {
          await site.start(flow, null, { id: `r${n}` });
        } catch (thrown) {
          if (!(thrown instanceof Fault) || thrown.retry !== 'same') throw thrown;
          await new Promise<void>((resolve) => clock.after(thrown.afterMs ?? 100, resolve));
          return begin();
        }
      };
      void begin();
    }
    const isOver = async (n: number) => (await memory.info(`r${n}`))?.status === 'ended';
    expect(
      await clock.until(async () => (await Promise.all([0, 1, 2, 3, 4].map(isOver))).every(Boolean), 600_000),
    ).toBe(true);
    for (let n = 0; n < 5; n++) expect((await loadRun(memory, `r${n}`)).state.outcome).toBe('completed');
    // What is read back damaged is found by its place in the chain, and read again.
    if (['wrong', 'malformed', 'truncated'].includes(kind)) {
      const spoilt = injector.store(memory);
      const codes = new Set<string>();
      for (let i = 0; i < 60; i++) await loadRun(spoilt, 'r0').catch((thrown: Fault) => codes.add(thrown.code));
      expect([...codes]).toEqual(['journal.broken']);
    }
    expect(injector.injected.length).toBeGreaterThan(0);
    let stopped = false;
    const stopping = site.stop({ graceMs: 0 }).then(() => (stopped = true));
    await clock.until(() => stopped, 60_000);
    await stopping;
  });
});

test('the same seed and calls go wrong in the same way, however often the store was asked meanwhile', async () => {
  const rules = faultRules.parse({
    rules: [
      { at: 'store', kind: 'flap', probability: 0.5 },
      { at: 'agents', kind: 'flap', probability: 0.5 },
    ],
  });
  const play = async (reads: number): Promise<string> => {
    const injector = createInjector(rules, createTrialClock());
    const store = injector.store(createMemoryStore());
    const agent = injector.agent(functionAgent('adder', { skills: { add: () => 1 } }));
    let said = '';
    for (let n = 0; n < 24; n++) {
      for (let i = 0; i < reads; i++) await store.info('r').catch(() => {});
      const before = injector.injected.length;
      const call = { run: 'r', step: `s${n}`, attempt: 1, skill: 'add', effect: 'pure', labels: [], key: '' };
      await Promise.resolve(agent.call({ ...call, signal: new AbortController().signal } as never)).catch(() => {});
      said += injector.injected.length === before ? '.' : 'x';
    }
    return said;
  };
  const alone = await play(0);
  expect(alone).toMatch(/x.*\..*x/);
  expect(await play(3)).toBe(alone);
});
