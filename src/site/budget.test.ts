/** Budgets, deadlines and cancels reach everything below, and hold wherever a worker dies. */
import { describe, expect, test } from 'vitest';
import { type AnyWorkflow, type Run, workflow } from '../author/index.ts';
import { createTrial, createWorld, of, SKILLS, type Trial, type World } from '../lab/trial/index.ts';
import type { Amounts } from '../model/index.ts';
import { functionAgent, type FunctionSkill } from '../ports/agent/index.ts';
import type { StartOptions } from './site.ts';

interface Shop {
  calls: number;
  agent: ReturnType<typeof functionAgent>;
}

/** Every call costs 1, or what is said. */
function shop(skill: Partial<FunctionSkill> = {}): Shop {
  const own: Shop = {
    calls: 0,
    agent: functionAgent('shop', {
      skills: {
        buy: {
          price: { money: 1, tokens: 10 },
          run: () => {
            own.calls++;
            return own.calls;
          },
          ...skill,
        },
      },
    }),
  };
  return own;
}

const code = (fault: { code?: string }): string => String(fault.code);
const buy = (run: Run, key: number): Promise<unknown> => run.ask('buy', key, { key }).catch(code);
const buyAll = (run: Run, count: number): Promise<unknown[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => buy(run, i)));

async function bought(flow: AnyWorkflow, own: Shop, start: StartOptions, others: AnyWorkflow[] = []) {
  const trial = createTrial();
  const { site } = await trial.open({ workflows: [flow, ...others], agents: [own.agent] });
  await site.start(flow as never, undefined, { id: 'r', ...start });
  expect(await trial.clock.until(() => trial.isEnded('r'))).toBe(true);
  expect(trial.troubles).toEqual([]);
  return { trial, state: await site.state('r'), events: await trial.events('r') };
}

describe('a budget', () => {
  const five = workflow('five', (run) => buyAll(run, 5));

  test.each([
    ['money', { money: 3 }],
    ['tokens', { tokens: 35 }],
    ['calls', { calls: 3 }],
  ])('of %s is reserved before the call, and no call goes beyond it', async (_what, budget) => {
    const own = shop();
    const { state } = await bought(five, own, { budget });
    expect((state.output as string[]).filter((x) => x === 'budget.spent')).toHaveLength(2);
    expect(own.calls).toBe(3);
  });

  test('counts calls and time itself, whatever the agent says it cost', async () => {
    const own = shop({ cost: () => ({ money: 0.5 }) });
    const calls = await bought(five, own, { budget: { calls: 2 } });
    expect(own.calls).toBe(2);
    expect(calls.state.budget.spent).toMatchObject({ calls: 2, money: 1 });
    const slow = shop();
    const timed = await bought(
      workflow('t', (run) => buyAll(run, 3)),
      slow,
      { budget: { timeMs: 130_000 } },
    );
    expect(slow.calls).toBe(2);
    expect(timed.state.budget.spent.timeMs).toBeLessThan(60_000);
  });

  test('is fed by no cost that is none', async () => {
    for (const money of [Number.NaN, -5, Infinity, 1e308, '1' as never]) {
      const own = shop({ cost: () => ({ money }) });
      await bought(five, own, { budget: { money: 3 } });
      expect(own.calls).toBe(3);
    }
  });

  test('gives back what a call did not cost, and all of one that was not taken', async () => {
    const cheap = shop({ cost: () => ({ money: 0.25 }) });
    const sequential = workflow('s', async (run) => {
      for (let i = 0; i < 8; i++) await buy(run, i);
    });
    await bought(sequential, cheap, { budget: { money: 2 } });
    expect(cheap.calls).toBe(5);
  });

  test('refuses an agent without a price, unless the step sets a ceiling', async () => {
    const unpriced = shop({ price: {} });
    const { state } = await bought(five, unpriced, { budget: { money: 3 } });
    expect(new Set(state.output as string[])).toEqual(new Set(['budget.unpriced']));
    const ceiling = workflow('c', (run) => run.ask('buy', 1, { ceiling: { money: 2 } }));
    expect((await bought(ceiling, unpriced, { budget: { money: 3 } })).state.budget.spent).toEqual({ money: 2 });
    expect(unpriced.calls).toBe(1);
  });

  test('that is overrun says so, and stops new calls', async () => {
    const greedy = shop({ cost: () => ({ money: 9 }) });
    const { events, state } = await bought(
      workflow('g', async (run) => [await buy(run, 1), await buy(run, 2)]),
      greedy,
      { budget: { money: 3 } },
    );
    expect(of(events, 'budget.overrun')).toMatchObject([{ step: 'buy#1', over: { money: 6 } }]);
    expect(state.output).toEqual([1, 'budget.spent']);
  });

  test('holds for a whole panel or for none of it', async () => {
    const agents = ['x', 'y', 'z'].map((name) =>
      functionAgent(name, { skills: { buy: { price: { money: 1 }, run: () => 1 } } }),
    );
    const trial = createTrial();
    const flow = workflow('p', (run) => run.ask('buy', 1, { agree: { by: 'majority', panel: 3 } }).catch(code));
    const { site } = await trial.open({ workflows: [flow], agents });
    await site.start(flow, undefined, { id: 'r', budget: { money: 2 } });
    await trial.clock.until(() => trial.isEnded('r'));
    expect((await site.state('r')).output).toBe('budget.spent');
    expect(of(await trial.events('r'), 'attempt.begun')).toEqual([]);
  });

  test.each([2, 3])(
    'of %i drawn from above: a panel of three waits for all of it, and is never settled by fewer',
    async (money) => {
      const agents = ['x', 'y', 'z'].map((name) =>
        functionAgent(name, { skills: { buy: { price: { money: 1 }, run: () => name } } }),
      );
      const trial = createTrial();
      const inner = workflow('inner', (run) => run.ask('buy', 1, { agree: { by: 'majority', panel: 3 } }).catch(code));
      const outer = workflow('outer', (run) => run.workflow(inner, undefined, { name: 'in' }));
      const { site } = await trial.open({ workflows: [inner, outer], agents });
      await site.start(outer, undefined, { id: 'r', budget: { money } });
      await trial.clock.until(() => trial.isEnded('r'));
      const events = await trial.events('r.in');
      // The three say three things: no verdict, but all of them were heard.
      expect(of(events, 'attempt.begun')).toHaveLength(money === 3 ? 3 : 0);
      expect(of(events, 'agree.verdict').map((event) => event.votes.length)).toEqual(money === 3 ? [3] : []);
      expect(of(events, 'budget.wanted').map((event) => event.amounts)).toEqual([{ money: 3 }]);
      expect((await site.state('r')).output).toBe(money === 3 ? 'no-way-left' : 'budget.spent');
    },
  );
});

const leaf = workflow('leaf', (run, n: number) => buyAll(run, n));
const branch = workflow('branch', (run, n: number) =>
  run.all('both', {
    own: (inner) => buyAll(inner, n),
    left: (inner) => inner.workflow(leaf, n, { name: 'left' }),
    right: (inner) => inner.workflow(leaf, n, { name: 'right' }),
  }),
);
const tree = workflow('tree', async (run) => {
  const first = await run.map('m', [1, 2], { itemKey: String }, (_, inner) => inner.workflow(branch, 2));
  return [first, await buyAll(run, 2)];
});
const below = [leaf, branch];

describe('one budget for a tree of runs', () => {
  test.each<[Amounts]>([[{ money: 5 }], [{ calls: 5 }], [{ money: 5, calls: 9 }], [{ money: 100 }]])(
    '%j',
    async (budget) => {
      const own = shop();
      const { state, trial } = await bought(tree, own, { budget }, below);
      const most = Math.min(budget.money ?? 14, budget.calls ?? 14, 14);
      expect(own.calls).toBe(most);
      expect(state.budget.spent.money ?? state.budget.spent.calls).toBe(most);
      for (const info of await trial.store.list({ limit: 100 })) expect(info.status).toBe('ended');
    },
  );

  test('never overspent, wherever a worker dies: what is unknown stays charged', async () => {
    for (const when of ['before', 'after'] as const) {
      for (let commit = 1; ; commit++) {
        const trial = createTrial();
        const own = shop();
        const options = { workflows: [tree, ...below], agents: [own.agent], durability: 'step' as const };
        const first = await trial.open(options, { commit, when });
        void first.site.start(tree, undefined, { id: 'r', budget: { money: 5 } });
        await trial.clock.until(async () => first.doom.dead || (await trial.isEnded('r')));
        if (!first.doom.dead) break;
        const second = await trial.open(options);
        if ((await trial.store.info('r')) === null)
          await second.site.start(tree, undefined, { id: 'r', budget: { money: 5 } });
        const ended = await trial.clock.until(() => trial.isEnded('r'));
        const { budget } = await second.site.state('r');
        expect({ commit, when, ended, over: own.calls > 5, spent: budget.spent.money }).toEqual({
          commit,
          when,
          ended: true,
          over: false,
          spent: 5,
        });
      }
    }
  }, 60_000);

  test('a child with a budget of its own holds it, and gives back what it leaves', async () => {
    const own = shop();
    const parent = workflow('parent', async (run) => [
      await run.workflow(leaf, 9, { budget: { money: 3 } }),
      await buyAll(run, 9),
    ]);
    const { state } = await bought(parent, own, { budget: { money: 5 } }, below);
    expect(own.calls).toBe(5);
    expect(state.budget.spent.money).toBe(5);
    const modest = shop();
    const left = workflow('parent', async (run) => [
      await run.workflow(leaf, 1, { budget: { money: 4 } }),
      await buyAll(run, 9),
    ]);
    await bought(left, modest, { budget: { money: 5 } }, below);
    expect(modest.calls).toBe(5);
  });

  test('a child that is cancelled gives back what it held, whenever it ends', async () => {
    const own = shop();
    const idle = workflow('idle', (run) => run.gate('never'));
    const parent = workflow('parent', async (run) => {
      await run.any('first', {
        child: (inner) => inner.workflow(idle, undefined, { budget: { money: 4 } }),
        quick: (inner) => inner.wait('w', { ms: 50 }),
      });
      await run.wait('until it has ended', { ms: 1_000 });
      return buyAll(run, 5);
    });
    const { state } = await bought(parent, own, { budget: { money: 5 } }, [idle]);
    expect(own.calls).toBe(5);
    expect(state.budget.held.money ?? 0).toBe(0);
  });

  test("what a child's own budget does not name it draws from above", async () => {
    const own = shop();
    const parent = workflow('parent', (run) => run.workflow(leaf, 9, { budget: { money: 100 } }));
    const { state } = await bought(parent, own, { budget: { money: 1_000, calls: 4 } }, below);
    expect(own.calls).toBe(4);
    expect(state.budget.spent).toMatchObject({ calls: 4, money: 4 });
  });

  test('a budget of its own inside of one that draws', async () => {
    const own = shop();
    const middle = workflow('middle', (run) => run.workflow(leaf, 9, { budget: { money: 3 } }));
    const parent = workflow('parent', async (run) => [await run.workflow(middle, undefined), await buyAll(run, 9)]);
    const { state } = await bought(parent, own, { budget: { money: 5 } }, [...below, middle]);
    expect(own.calls).toBe(5);
    expect(state.outcome).toBe('completed');
  });

  test('runs that carry each other on have one budget', async () => {
    const own = shop();
    const chain = workflow('chain', async (run, n: number): Promise<unknown> => {
      const last = await buy(run, 1);
      if (n > 0 && last !== 'budget.spent') run.continueAsNew(n - 1);
      return last;
    });
    const trial = createTrial();
    const { site } = await trial.open({ workflows: [chain], agents: [own.agent] });
    const handle = await site.start(chain, 9, { id: 'r', budget: { money: 3 } });
    let output: unknown;
    void handle.output().then((value) => (output = value));
    expect(await trial.clock.until(() => output !== undefined)).toBe(true);
    expect(output).toBe('budget.spent');
    expect(own.calls).toBe(3);
  });
});

describe('cancel and deadline', () => {
  const booking = workflow('booking', async (run, name: string) => {
    await run.effect('bookx', name);
    await run.gate('ok');
  });
  const office = workflow('office', (run, name: string) =>
    run.all('both', {
      one: (inner) => inner.workflow(booking, `${name}1`),
      two: (inner) =>
        inner.loop('l', { from: 0, maxTurns: 2 }, async (n, turn) => (await turn.workflow(booking, `${name}2`), n)),
    }),
  );
  const firm = workflow('firm', async (run) => {
    await run.effect('booky', 'firm');
    await run.map('m', ['x', 'y'], { itemKey: String }, (name, inner) => inner.workflow(office, name));
  });
  const flows = [firm, office, booking];

  async function standing(
    start: StartOptions,
  ): Promise<{ trial: Trial; world: World; options: { workflows: AnyWorkflow[]; agents: World['agents'] } }> {
    const trial = createTrial();
    const world = createWorld(SKILLS);
    const options = { workflows: flows, agents: world.agents };
    const { site, doom } = await trial.open(options);
    await site.start(firm, undefined, { id: 'r', ...start });
    await trial.clock.until(() => world.calls.length === 5, 1_000);
    await trial.clock.jump(10);
    doom.die();
    return { trial, world, options };
  }

  async function allUndone({ trial, world }: { trial: Trial; world: World }): Promise<void> {
    const all = await trial.store.list({ limit: 100 });
    expect(all.map((info) => info.status)).toEqual(all.map(() => 'ended'));
    expect(all).toHaveLength(7);
    expect(world.undone.toSorted()).toEqual(['bookx', 'bookx', 'bookx', 'bookx', 'booky']);
    // What the children did is taken back before what came before them.
    expect(world.undone.at(-1)).toBe('booky');
  }

  test('a cancel reaches all below, after a restart, and they undo', async () => {
    const played = await standing({});
    const { site } = await played.trial.open(played.options);
    await site.cancel('r', 'enough');
    expect(await played.trial.clock.until(() => played.trial.isEnded('r'))).toBe(true);
    expect((await site.state('r')).outcome).toBe('cancelled');
    await allUndone(played);
  });

  test('a deadline that passes while nobody is there is kept by whoever comes', async () => {
    const played = await standing({ deadlineMs: 1_700_000_000_000 + 3_600_000 });
    await played.trial.clock.jump(86_400_000);
    const { site } = await played.trial.open(played.options);
    expect(await played.trial.clock.until(() => played.trial.isEnded('r'))).toBe(true);
    expect((await site.state('r')).fault?.code).toBe('deadline.passed');
    await allUndone(played);
  });
});

test.each<[unknown, RegExp]>([
  [{ mony: 3 }, /'mony' is nothing that is counted/],
  [{ money: '3' }, /'money' is "3", and must be a number/],
  [{ money: -1 }, /'money' is -1/],
  [{ calls: Number.NaN }, /'calls' is NaN/],
  [[3], /no object/],
])('a budget that is not understood is refused, and is not none: %j', async (budget, why) => {
  const trial = createTrial();
  const own = shop();
  const inner = workflow('inner', (run) => buyAll(run, 2));
  const outer = workflow('outer', (run) => run.workflow(inner, undefined, { budget: budget as Amounts }));
  const { site } = await trial.open({ workflows: [inner, outer], agents: [own.agent] });
  await expect(site.start(inner, undefined, { budget: budget as Amounts })).rejects.toThrow(why);
  await site.start(outer, undefined, { id: 'r' });
  await trial.clock.until(() => trial.isEnded('r'));
  expect((await site.state('r')).fault?.message).toMatch(why);
  expect(own.calls).toBe(0);
});
