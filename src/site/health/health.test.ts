/** Breakers, places, load: as pure machines, and at a site. */
import { describe, expect, test } from 'vitest';
import { plan, workflow } from '../../author/index.ts';
import { Fault } from '../../base/index.ts';
import { createTrialClock } from '../../lab/trial/index.ts';
import { functionAgent } from '../../ports/agent/index.ts';
import { openSite } from '../site.ts';
import { begun, BREAKER, type Breaker, halfOpened, mayAsk, newBreaker, noted, type Sign } from './breaker.ts';
import { createBulkheads } from './bulkhead.ts';
import { admitLoad } from './shed.ts';

const after = (signs: readonly Sign[], from: Breaker = newBreaker()) =>
  signs.reduce((breaker, sign) => noted(breaker, sign, 0), from);
const times = <T>(n: number, one: T): T[] => Array.from({ length: n }, () => one);

describe('a breaker', () => {
  test('opens at so many failures in a row, and no sooner', () => {
    expect(after(times(BREAKER.inRow - 1, 'failed')).at).toBe('closed');
    expect(after(times(BREAKER.inRow, 'failed')).at).toBe('open');
  });

  test('opens at half of the last twenty, though some go well in between', () => {
    expect(after(times(10, ['failed', 'well'] as const).flat()).at).toBe('open');
    expect(after(times(10, ['failed', 'well', 'well'] as const).flat()).at).toBe('closed');
  });

  test('slow is a failure too: all of them slow opens it', () => {
    expect(after(times(9, 'slow')).at).toBe('closed');
    expect(after(times(10, 'slow')).at).toBe('open');
  });

  test('half-open lets one through; well closes it, failed opens it for twice as long', () => {
    const open = after(times(5, 'failed'));
    expect(mayAsk(halfOpened(open, open.untilMs - 1))).toBe(false);
    const half = halfOpened(open, open.untilMs);
    expect(mayAsk(half)).toBe(true);
    expect(mayAsk(begun(half))).toBe(false);
    expect(noted(begun(half), 'well', 0)).toEqual(newBreaker());
    const again = noted(begun(half), 'failed', 10_000);
    expect(again.untilMs - 10_000).toBe(2 * open.untilMs);
  });

  test('the wait has an end', () => {
    let breaker = after(times(5, 'failed'));
    for (let i = 0; i < 40; i++) breaker = noted(halfOpened(breaker, breaker.untilMs), 'failed', breaker.untilMs);
    const before = breaker.untilMs;
    expect(noted(halfOpened(breaker, before), 'failed', before).untilMs - before).toBe(BREAKER.maxMs);
  });
});

test('a bulkhead: who has no place waits in line, and a place that is left goes to the next', () => {
  const rooms = createBulkheads(createTrialClock());
  const in_: string[] = [];
  const enter = (agent: string, who: string) => {
    const go = () => in_.push(who) > 0;
    const entered = rooms.enter({ agent, limits: { atOnce: 1 }, patienceMs: 1_000, go });
    return 'leave' in entered ? entered.leave : expect.unreachable();
  };
  const first = enter('x', 'a');
  const second = enter('x', 'b');
  enter('x', 'c');
  enter('y', 'other');
  expect(in_).toEqual(['a', 'other']);
  // One who gives up waiting takes no place.
  second();
  first();
  first();
  expect(in_).toEqual(['a', 'other', 'c']);
});

test('a bulkhead: so many a minute; who is due soon waits, the others are told when to come', async () => {
  const clock = createTrialClock();
  const rooms = createBulkheads(clock);
  const limits = { perMinute: 2 };
  const in_: string[] = [];
  const enter = (who: string, patienceMs = 30_000, made = true) =>
    rooms.enter({ agent: 'x', limits, patienceMs, go: () => made && in_.push(who) > 0 });
  const pass = (ms: number) => clock.jump(ms);
  // What was not made after all does not count.
  enter('none', 30_000, false);
  enter('a');
  expect(rooms.isFull({ name: 'x', limits })).toBe(false);
  enter('b');
  expect(rooms.isFull({ name: 'x', limits })).toBe(true);
  expect(enter('c')).toEqual({ afterMs: 60_000 });
  await pass(58_000);
  expect(enter('c')).toHaveProperty('leave');
  expect(enter('hasty', 1_000)).toEqual({ afterMs: 2_000 });
  expect(enter('d')).toHaveProperty('leave');
  // Two wait for the next minute already.
  expect(enter('e')).toEqual({ afterMs: 62_000 });
  expect(in_).toEqual(['a', 'b']);
  await pass(2_001);
  expect(in_).toEqual(['a', 'b', 'c', 'd']);
});

test('a full site turns away what matters least first, and says when to come again', () => {
  expect(() => admitLoad(69, 100, 'low')).not.toThrow();
  expect(() => admitLoad(70, 100, 'low')).toThrow(/70 runs open of the 70/);
  expect(() => admitLoad(70, 100, 'normal')).not.toThrow();
  expect(() => admitLoad(99, 100, 'high')).not.toThrow();
  expect(() => admitLoad(0, 1, 'low')).not.toThrow();
  expect(() => admitLoad(1, 1, 'high')).toThrow(/1 runs open of the 1/);
  try {
    admitLoad(100, 100, 'high');
    expect.unreachable();
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'overloaded', retry: 'same', afterMs: expect.any(Number) });
  }
});

test('at a full site: a start that is said again is answered as ever, and a new one is turned away', async () => {
  const waits = workflow('waits', async (run) => run.signal('go'));
  const site = await openSite({ workflows: [waits], maxOpenRuns: 1 });
  const start = async (id: string) => (await site.start(waits, undefined, { id })).run;
  expect(await Promise.allSettled(['a', 'a', 'b', 'c'].map(start))).toMatchObject([
    { value: 'a' },
    { value: 'a' },
    { reason: { code: 'overloaded' } },
    { reason: { code: 'overloaded' } },
  ]);
  expect(await start('a')).toBe('a');
  await expect(start('b')).rejects.toMatchObject({ code: 'overloaded' });
  await site.stop({ graceMs: 0 });
});

test('at a site: an agent that keeps failing is passed over, and comes back when it is well', async () => {
  let isDown = true;
  let calls = 0;
  const bad = functionAgent('a-bad', {
    skills: {
      think: {
        run: () => {
          calls++;
          if (isDown) throw new Fault('agent.failed', 'down');
          return 'bad';
        },
      },
    },
  });
  const good = functionAgent('b-good', { skills: { think: { price: { money: 9 }, run: () => 'good' } } });
  const flow = plan('think').step('it', { ask: 'think' }).workflow();
  const site = await openSite({
    agents: [bad, good],
    workflows: [flow],
    routing: { choose: 'fixed' },
    // Longer than eight runs take on a busy machine.
    health: { firstMs: 1_500, inRow: 3 },
  });
  const ask = async () => (await site.start('think')).output();
  for (let i = 0; i < 8; i++) expect(await ask()).toBe('good');
  expect(calls).toBe(3);
  expect(site.health?.list()).toMatchObject([{ agent: 'a-bad', skill: 'think', at: 'open' }]);
  isDown = false;
  await expect.poll(() => site.health?.list()[0]?.at, { timeout: 20_000 }).toBe('half-open');
  expect(await ask()).toBe('bad');
  expect(site.health?.list()).toEqual([]);
  await site.stop();
});

test('an agent that promised signs of life and gives none is given up long before its time', async () => {
  const silent = functionAgent('silent', { skills: { think: { beatMs: 100, run: () => new Promise(() => {}) } } });
  const alive = functionAgent('alive', {
    skills: {
      think: {
        price: { money: 9 },
        beatMs: 100,
        run: async (_: unknown, call) => {
          for (let i = 0; i < 4; i++) {
            await new Promise((resolve) => setTimeout(resolve, 40));
            call.beat?.();
          }
          return 'slow and steady';
        },
      },
    },
  });
  const flow = plan('think').step('it', { ask: 'think' }).workflow();
  const site = await openSite({ agents: [silent, alive], workflows: [flow], routing: { choose: 'fixed' } });
  const run = await site.start('think');
  expect(await run.output()).toBe('slow and steady');
  await site.stop();
});
