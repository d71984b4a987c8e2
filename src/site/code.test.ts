/** Code of runs that does what code does: races, catches, lets things fall, cleans up, waits for strangers. */
import { describe, expect, test } from 'vitest';
import { type Run, workflow } from '../author/index.ts';
import { Fault } from '../base/index.ts';
import { createTrial, createWorld, of, SKILLS, type Trial, type World } from '../lab/trial/index.ts';
import { functionAgent } from '../ports/agent/index.ts';

type Code = (run: Run) => unknown;

async function started(code: Code, world: World = createWorld(SKILLS)) {
  const trial = createTrial();
  const flow = workflow('code', code);
  const opened = await trial.open({ workflows: [flow], agents: world.agents });
  await opened.site.start(flow, undefined, { id: 'r' });
  return { trial, world, flow, ...opened };
}

async function ended(trial: Trial): Promise<boolean> {
  return trial.clock.until(() => trial.isEnded('r'));
}

async function outcome(code: Code) {
  const { trial, site, world } = await started(code);
  expect(await ended(trial)).toBe(true);
  expect(trial.troubles).toEqual([]);
  const state = await site.state('r');
  return { state, world, events: await trial.events('r') };
}

test('concurrent code resumes in the order in which its steps settled, wherever it died', async () => {
  const race: Code = async (run) => {
    const log: string[] = [];
    const chain = async (name: string): Promise<void> => {
      // What each chain does next hangs on what the others have done: a race over a shared variable.
      for (let i = 0; i < 3; i++)
        log.push(await run.ask<string>('slow', { name, i, seen: log.length > 4 }, { key: `${name}${i}` }));
    };
    await Promise.all([chain('x'), chain('y'), chain('z')]);
    return log;
  };
  let crashes = 0;
  for (let commit = 1; commit < 30; commit++) {
    const trial = createTrial();
    const slow = (worker: number) =>
      functionAgent('slow', {
        skills: {
          slow: ({ name, i }: { name: string; i: number }) =>
            new Promise((resolve) =>
              // Another worker is quick where the first is slow.
              trial.clock.after((name.charCodeAt(0) * 7 + i * 11 + worker * 13) % 17, () => resolve(`${name}${i}`)),
            ),
        },
      });
    const flow = workflow('race', race);
    const first = await trial.open(
      { workflows: [flow], agents: [slow(1)], durability: 'step' },
      { commit, when: 'after' },
    );
    void first.site.start(flow, undefined, { id: 'r' });
    await trial.clock.until(async () => first.doom.dead || (await trial.isEnded('r')), 5_000);
    if (!first.doom.dead) break;
    crashes++;
    const second = await trial.open({ workflows: [flow], agents: [slow(2)] });
    if ((await trial.store.info('r')) === null) await second.site.start(flow, undefined, { id: 'r' });
    expect(await ended(trial)).toBe(true);
    const { output, phase } = await second.site.state('r');
    const settled = of(await trial.events('r'), 'step.settled').map((e) => e.step.replace('slow#', ''));
    expect({ commit, phase, output }).toEqual({ commit, phase: 'ended', output: settled });
    expect(of(await trial.events('r'), 'drift.found')).toEqual([]);
  }
  expect(crashes).toBeGreaterThan(9);
});

describe('what the code says wrongly', () => {
  test('a name used twice in one scope is a fault that says what to do', async () => {
    const { state } = await outcome(async (run) => [await run.ask('a', 1), await run.ask('a', 2)]);
    expect(state.fault).toMatchObject({ code: 'step.repeated', message: expect.stringContaining('key') });
  });

  test('values that JSON cannot carry are refused with their place', async () => {
    for (const value of [{ at: new Date(0) }, { deep: [1, Number.NaN] }, new Map(), { n: 1n }]) {
      const { state } = await outcome((run) => run.ask('a', value));
      expect(state.fault?.code).toBe('input.not-json');
      const made = await outcome((run) => run.code('make', () => value));
      expect(made.state.fault?.code).toBe('input.not-json');
      const returned = await outcome(() => value);
      expect(returned.state.fault?.code).toBe('input.not-json');
    }
  });

  test('names and nesting without measure are refused', async () => {
    const { state } = await outcome((run) => run.ask('a', 1, { name: 'no/slashes' }));
    expect(state.fault?.code).toBe('input.invalid');
    const nest = (run: Run, depth: number): Promise<unknown> =>
      depth === 0 ? run.ask('a', 1) : run.all('j', { x: (inner) => nest(inner, depth - 1) });
    expect((await outcome((run) => nest(run, 100))).state.outcome).toBe('completed');
    expect((await outcome((run) => nest(run, 200))).state.fault?.code).toBe('input.too-large');
  });

  test('whatever is thrown ends the run, and its journal is whole', async () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const hostile = new Proxy(
      {},
      {
        getPrototypeOf() {
          throw new Error('no');
        },
      },
    );
    for (const thrown of [undefined, 'text', 1n, cycle, hostile, new Fault('step.failed', 'x', { detail: cycle })]) {
      const { state } = await outcome(() => {
        throw thrown;
      });
      expect(state.outcome).toBe('failed');
    }
  });

  test('a join of nothing: all and settled give nothing, any has no winner', async () => {
    const { state } = await outcome(async (run) => [
      await run.all('all', {}),
      await run.settled('settled', {}),
      await run.map('map', [], { itemKey: String }, () => 1),
    ]);
    expect(state.output).toEqual([{}, {}, []]);
    expect((await outcome((run) => run.any('any', {}))).state.fault?.code).toBe('join.impossible');
  });
});

describe('failures inside', () => {
  test('a fault that is caught is no failure of the run', async () => {
    const { state } = await outcome(async (run) => {
      const first = await run.ask('fail', 1).catch((fault: Fault) => fault.code);
      return [first, await run.ask('a', 2)];
    });
    expect(state.output).toEqual(['agent.failed', 'a(2)']);
  });

  test('an exception in a branch fails its map, cancels the others, and says where', async () => {
    const { state, events } = await outcome((run) =>
      run.map('m', [1, 2, 3], { itemKey: String }, async (n, inner) => {
        if (n === 2) throw new TypeError('two is one too many');
        await inner.wait('long', { ms: 50_000 });
      }),
    );
    expect(state.fault).toMatchObject({ code: 'step.failed', message: 'two is one too many' });
    const cancelled = of(events, 'step.settled')
      .filter((e) => e.out === 'cancelled')
      .map((e) => e.step);
    expect(cancelled.toSorted()).toEqual(['m/1/long', 'm/3/long']);
  });

  test('settled hears all branches out', async () => {
    const { state } = await outcome((run) =>
      run.settled('s', {
        good: (inner) => inner.ask('a', 1),
        bad: (inner) => inner.ask('fail', 1),
        thrown: () => {
          throw new Error('no');
        },
      }),
    );
    expect(state.output).toMatchObject({
      good: { ok: true, value: 'a(1)' },
      bad: { ok: false, fault: { code: 'agent.failed' } },
      thrown: { ok: false, fault: { message: 'no' } },
    });
  });

  test('what a loser asks for in its catch is not begun', async () => {
    const { state, world } = await outcome(async (run) => {
      const won = await run.any('j', {
        quick: (inner) => inner.ask('a', 1),
        slow: async (inner) => {
          try {
            await inner.wait('long', { ms: 50_000 });
          } catch {
            await inner.ask('b', 'cleaning up');
          }
        },
      });
      await run.wait('rest', { ms: 10 });
      return won;
    });
    expect(state.output).toEqual({ branch: 'quick', value: 'a(1)' });
    expect(world.calls).toEqual(['a(1)']);
  });
});

describe('what the code is given is its own', () => {
  test('changing a result, an input or a carried state changes no journal', async () => {
    const trial = createTrial();
    const agents = [
      functionAgent('lists', {
        skills: { list: () => ({ items: [1] }), eat: (x: { items: number[] }) => x.items.pop() },
      }),
    ];
    const flow = workflow('mutant', async (run, input: { items: number[] }) => {
      input.items.push(9);
      const result = await run.ask<{ items: number[] }>('list');
      result.items.push(2);
      const eaten = await run.ask('eat', { items: [5, 6] });
      const looped = await run.loop('l', { from: { n: [0] }, maxTurns: 3 }, async (state, inner) => {
        state.n.push(state.n.length);
        await inner.wait('w', { ms: 1 });
        return state;
      });
      await run.wait('rest', { ms: 1_000 });
      return { input, result, eaten, looped };
    });
    const one = await trial.open({ workflows: [flow], agents });
    await one.site.start(flow, { items: [1] }, { id: 'r' });
    await trial.clock.until(() => one.site.worker.hosts.get('r')?.state.steps.has('rest') === true, 500);
    await trial.clock.jump(10);
    one.doom.die();
    const two = await trial.open({ workflows: [flow], agents });
    expect(await ended(trial)).toBe(true);
    const { output } = await two.site.state('r');
    expect(output).toEqual({
      input: { items: [1, 9] },
      result: { items: [1, 2] },
      eaten: 6,
      looped: { n: [0, 1, 2, 3] },
    });
  });
});

describe('what is left behind', () => {
  test('steps nobody awaits are cancelled when the code returns', async () => {
    const { state, events } = await outcome(async (run) => {
      void run.wait('long', { ms: 50_000 });
      void run.gate('never');
      await run.ask('a', 1);
      return 'done';
    });
    expect(state.output).toBe('done');
    const cancelled = of(events, 'step.settled')
      .filter((e) => e.out === 'cancelled')
      .map((e) => e.step);
    expect(cancelled).toEqual(['long', 'never']);
  });

  test('an effect nobody awaits is heard out, and undone when it lands after the end', async () => {
    const world = createWorld(SKILLS);
    world.held.add('bookx');
    const { trial, site } = await started(async (run) => {
      void run.effect('bookx', 1);
      await run.ask('a', 1);
      return 'done';
    }, world);
    await trial.clock.until(() => site.worker.hosts.get('r')?.state.phase === 'ending');
    expect(await trial.isEnded('r')).toBe(false);
    world.letGo();
    expect(await ended(trial)).toBe(true);
    expect(world.undone).toEqual(['bookx']);
    expect(await site.state('r')).toMatchObject({ outcome: 'completed', output: 'done' });
  });

  test('a cancel runs finally blocks, and code that tries again for ever holds nobody up', async () => {
    const cleaned: string[] = [];
    const { trial, site } = await started(async (run) => {
      try {
        for (let i = 0; ; i++) {
          try {
            await run.gate('ok', { key: i });
          } catch {
            cleaned.push(`caught ${i}`);
          }
        }
      } finally {
        cleaned.push('finally');
      }
    });
    await trial.clock.drain();
    await site.cancel('r', 'enough');
    expect(await ended(trial)).toBe(true);
    expect(cleaned).toEqual(['caught 0']);
    const other = await started(async (run) => {
      try {
        await run.gate('ok');
      } finally {
        cleaned.push('finally');
        await run.ask('a', 'never comes');
      }
    });
    await other.trial.clock.drain();
    await other.site.cancel('r', 'enough');
    expect(await ended(other.trial)).toBe(true);
    expect(cleaned).toEqual(['caught 0', 'finally']);
    expect(other.world.calls).toEqual([]);
  });

  test('code that leaves memory is not told: its catches do not run', async () => {
    const caught: unknown[] = [];
    const { trial, site } = await started(async (run) => {
      await run.gate('ok').catch((fault: unknown) => caught.push(fault));
    });
    await trial.clock.drain();
    await site.stop({ graceMs: 0 });
    expect(caught).toEqual([]);
  });
});

describe('strangers', () => {
  test('a foreign promise is awaited, here and after a restart', async () => {
    const { state } = await outcome(async (run) => {
      const [a] = await Promise.all([run.ask('a', 1), new Promise((resolve) => setTimeout(resolve, 5))]);
      await new Promise((resolve) => setImmediate(resolve));
      return [a, await run.ask('b', 2)];
    });
    expect(state.output).toEqual(['a(1)', 'b(2)']);
  });

  test('code that waits for nothing of ours is found stuck, and says so', async () => {
    const { trial, site } = await started(async (run) => {
      await run.ask('a', 1);
      await new Promise(() => {});
    });
    expect(await trial.clock.until(() => trial.isEnded('r'), 120_000)).toBe(true);
    expect((await site.state('r')).fault?.code).toBe('workflow.stuck');
  });

  test('a person who is to decide on a drift may take longer than that', async () => {
    const world = createWorld(SKILLS);
    world.held.add('hold');
    const trial = createTrial();
    const code = (input: number) => workflow('code', async (run) => [await run.ask('a', input), await run.ask('hold')]);
    const one = await trial.open({ workflows: [code(1)], agents: world.agents });
    await one.site.start('code', undefined, { id: 'r' });
    await trial.clock.drain();
    await trial.clock.jump(10);
    one.doom.die();
    world.held.clear();
    const two = await trial.open({ workflows: [code(2)], agents: world.agents });
    expect(await trial.clock.until(() => trial.isEnded('r'), 600_000)).toBe(false);
    await two.site.resolveDrift('r', 'a', 'redo');
    expect(await ended(trial)).toBe(true);
    expect((await two.site.state('r')).output).toEqual(['a(2)', 'hold()']);
  });

  test('10,000 asks at once are found one agent, and worked in a moment', async () => {
    const began = performance.now();
    const { state, events } = await outcome(async (run) => {
      const all = await Promise.all(Array.from({ length: 10_000 }, (_, i) => run.ask<string>('a', i, { key: i })));
      return new Set(all).size;
    });
    expect(state.output).toBe(10_000);
    expect(of(events, 'candidates.found')).toHaveLength(1);
    expect(events.length).toBeLessThan(10_000 * 4 + 10);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
