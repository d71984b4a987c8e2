/** Forks: what was settled is kept and not worked again; the rest goes its own way, with effects only if allowed. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Run, workflow } from '../../src/author/index.ts';
import { functionAgent } from '../../src/ports/agent/index.ts';
import { loadRun } from '../../src/site/load.ts';
import { replay } from '../../src/site/replay.ts';
import { type Lab, openLab, sleep } from '../workloads/index.ts';

let lab: Lab;
let world: string[];
beforeEach(() => {
  lab = openLab();
  world = [];
});
afterEach(() => lab.close());

function agents(name = 'a') {
  const act =
    (verb: string) =>
    (n: number, call: { key: string }): string => {
      world.push(`${name} ${verb} ${n}`);
      keys.push(call.key);
      return `${name} ${verb} ${n}`;
    };
  const keys: string[] = [];
  const agent = functionAgent(name, {
    skills: {
      think: act('think'),
      send: { effect: 'idempotent', keyed: true, run: act('send') },
      book: {
        effect: 'reversible',
        run: act('book'),
        undo: (call) => void world.push(`undo ${JSON.stringify(call.input)}`),
      },
    },
  });
  return { agent, keys };
}

const trip = workflow('trip', async (run, input: { days: number }) => {
  const plan = await run.ask<string>('think', input.days, { name: 'plan' });
  const fixed = await run.ask<string>('think', 7, { name: 'fixed' });
  const booked = await run.effect<string>('book', 1);
  const after = await run.ask<string>('think', 2, { name: 'after' });
  return { plan, fixed, booked, after };
});

async function equal(run: string): Promise<void> {
  expect(await replay(lab.store, run)).toMatchObject({ equal: true });
}

describe('fork', () => {
  test('of a run that is over: everything settled is kept, and nothing is worked', async () => {
    const site = await lab.open([trip], [agents().agent]);
    const { run } = await site.start(trip, { days: 3 });
    const made = await site.handle(run).output();
    const before = [...world];
    const fork = await site.fork(run);
    expect(await fork.output()).toEqual(made);
    expect(world).toEqual(before);
    const { state } = await loadRun(lab.store, fork.run);
    expect(state.forkOf).toMatchObject({ run });
    expect(state.effects).toMatchObject([{ step: 'book', state: 'carried', undoes: false }]);
    await equal(fork.run);
    const again = await site.fork(fork.run);
    expect(await again.output()).toEqual(made);
    await equal(again.run);
  });

  test('before a step: what came after is worked again, effects only if allowed, under keys of their own', async () => {
    const { agent, keys } = agents();
    const site = await lab.open([trip], [agent]);
    const { run } = await site.start(trip, { days: 3 });
    await site.handle(run).output();
    world.length = 0;
    const blocked = await site.fork(run, { beforeStep: 'book' });
    expect(await blocked.result()).toMatchObject({ outcome: 'failed', fault: { code: 'effect.blocked' } });
    expect(world).toEqual([]);
    const first = keys.find((key) => key.includes(':book:'));
    const allowed = await site.fork(run, { beforeStep: 'book', allowEffects: true });
    await allowed.output();
    expect(world).toEqual(['a book 1', 'a think 2']);
    expect(keys.filter((key) => key.includes(':book:'))).toEqual([first, first!.replace(run, allowed.run)]);
    await equal(blocked.run);
    await equal(allowed.run);
  });

  test('with another input: only what it changes is worked again', async () => {
    const site = await lab.open([trip], [agents().agent]);
    const { run } = await site.start(trip, { days: 3 });
    await site.handle(run).output();
    world.length = 0;
    const fork = await site.fork(run, { input: { days: 5 } });
    expect(await fork.output()).toMatchObject({ plan: 'a think 5', fixed: 'a think 7', booked: 'a book 1' });
    expect(world).toEqual(['a think 5']);
    await equal(fork.run);
  });

  test('an effect whose input is another now is left to a person', async () => {
    const flow = workflow('pay', async (run, n: number) => run.effect('book', n));
    const site = await lab.open([flow], [agents().agent]);
    const { run } = await site.start(flow, 1);
    await site.handle(run).output();
    const fork = await site.fork(run, { input: 2, allowEffects: true });
    await lab.until(fork.run, 'the drift', (s) => s.steps.get('book')?.driftHash !== undefined);
    expect(world).toEqual(['a book 1']);
    await site.resolveDrift(fork.run, 'book', 'redo');
    expect(await fork.output()).toBe('a book 2');
    await equal(fork.run);
  });

  test('with edited code, and with another agent for the skill', async () => {
    const [a, b] = [agents('a'), agents('b')];
    const broken = workflow('edit', async (run) => {
      const one = await run.ask('think', 1, { key: 1 });
      throw new Error(`no use for ${JSON.stringify(one)}`);
    });
    const mended = workflow('edit', { version: '2' }, async (run) => [
      await run.ask('think', 1, { key: 1 }),
      await run.ask('think', 2, { key: 2 }),
    ]);
    const site = await lab.open([broken], [a.agent, b.agent]);
    const { run } = await site.start(broken);
    expect((await site.handle(run).result()).outcome).toBe('failed');
    // Routing is free to try either of them first; the forks ask the other one.
    const [kept] = world;
    const other = kept === 'a think 1' ? 'b' : 'a';
    await expect(site.fork(run, { workflow: workflow('edit', async () => 1) })).rejects.toMatchObject({
      code: 'conflict',
    });
    const fork = await site.fork(run, { workflow: mended, agents: { think: other } });
    expect(await fork.output()).toEqual([kept, `${other} think 2`]);
    await equal(fork.run);
    const all = await site.fork(run, { workflow: mended, agents: { think: other }, redo: ['think#1'] });
    expect(await all.output()).toEqual([`${other} think 1`, `${other} think 2`]);
    await equal(all.run);
  });

  test('in the middle of a map and of a loop: branches done and turns turned are kept', async () => {
    const flow = workflow('middle', async (run) => {
      const mapped = await run.map('each', [1, 2, 3], { itemKey: (n) => n, width: 1 }, (n, inner) =>
        inner.ask('think', n),
      );
      const looped = await run.loop('turns', { from: [] as unknown[], maxTurns: 4 }, async (all, inner, turn) => [
        ...all,
        await inner.ask('think', turn * 10),
      ]);
      return { mapped, looped };
    });
    const site = await lab.open([flow], [agents().agent]);
    const { run } = await site.start(flow);
    const made = await site.handle(run).output();
    world.length = 0;
    const inMap = await site.fork(run, { beforeStep: 'each/3/think' });
    expect(await inMap.output()).toEqual(made);
    expect(world).toEqual([3, 10, 20, 30, 40].map((n) => `a think ${n}`));
    world.length = 0;
    const inLoop = await site.fork(run, { beforeStep: 'turns/3/think' });
    expect(await inLoop.output()).toEqual(made);
    expect(world).toEqual(['a think 30', 'a think 40']);
    await equal(inMap.run);
    await equal(inLoop.run);
  });

  test('a signal that waited to be heard waits in the fork too', async () => {
    const flow = workflow('listen', async (run) => {
      const go = await run.signal('first');
      return [go, await run.signal('later')];
    });
    const site = await lab.open([flow], [agents().agent]);
    const { run } = await site.start(flow);
    await site.signal(run, 'later', 'said');
    await site.signal(run, 'first', 'go');
    await site.handle(run).output();
    const fork = await site.fork(run, { beforeStep: 'later' });
    expect(await fork.output()).toEqual(['go', 'said']);
    await equal(fork.run);
  });

  test('a fork that fails does not undo what it only carries', async () => {
    const flow = (version: string, end: (run: Run) => Promise<unknown>) =>
      workflow('undo', { version }, async (run) => {
        await run.effect('book', 1);
        return end(run);
      });
    const one = flow('1', async () => 'fine');
    const two = flow('2', async (run) => {
      await run.effect('book', 2, { key: 2 });
      throw new Error('not fine');
    });
    const site = await lab.open([one], [agents().agent]);
    const { run } = await site.start(one);
    await site.handle(run).output();
    const fork = await site.fork(run, { workflow: two, allowEffects: true });
    expect((await fork.result()).outcome).toBe('failed');
    expect(world).toEqual(['a book 1', 'a book 2', 'undo 2']);
    await equal(fork.run);
  });

  test('what cannot be forked says why', async () => {
    const site = await lab.open([trip], [agents().agent]);
    const { run } = await site.start(trip, { days: 1 });
    await site.handle(run).output();
    await expect(site.fork('nothing')).rejects.toMatchObject({ code: 'not-found' });
    await expect(site.fork(run, { beforeStep: 'nothing' })).rejects.toMatchObject({ code: 'not-found' });
    await expect(site.fork(run, { at: 0 })).rejects.toMatchObject({ code: 'input.invalid' });
    await expect(site.fork(run, { at: 999 })).rejects.toMatchObject({ code: 'input.invalid', detail: { run } });
    const head = (await site.store.info(run))!.head;
    expect((await site.fork(run, { at: head })).run).not.toBe(run);
    const elsewhere = await lab.open([]);
    await expect(elsewhere.fork(run)).rejects.toMatchObject({ code: 'workflow.unknown' });
  });
});

describe('drift answered with a fork', () => {
  const flow = (n: number) =>
    workflow('drifting', async (run) => [
      await run.ask('think', n, { name: 'work' }),
      await run.ask('think', 9, { name: 'same' }),
      await run.signal('go'),
    ]);

  async function drifted(): Promise<{ run: string; site: Awaited<ReturnType<Lab['open']>> }> {
    const first = await lab.open([flow(1)], [agents().agent]);
    const { run } = await first.start('drifting');
    await lab.until(run, 'the signal to be waited for', (s) => s.open.has('go'));
    lab.kill(first);
    const site = await lab.open([flow(2)], [agents().agent]);
    await lab.until(run, 'the drift', (s) => s.steps.get('work')?.driftHash !== undefined);
    world.length = 0;
    return { run, site };
  }

  test('the old run ends as continued, the fork carries on', async () => {
    const { run, site } = await drifted();
    await site.resolveDrift(run, 'work', 'fork');
    const old = await lab.until(run, 'its end', (s) => s.phase === 'ended');
    expect(old).toMatchObject({ outcome: 'continued', next: `${run}.fork` });
    await site.signal(`${run}.fork`, 'go', 'went');
    expect(await site.handle(run).output()).toEqual(['a think 2', 'a think 9', 'went']);
    expect(world).toEqual(['a think 2']);
    await equal(run);
    await equal(`${run}.fork`);
  });

  test('a worker that dies over it leaves it to the next', async () => {
    const { run, site } = await drifted();
    await site.resolveDrift(run, 'work', 'fork');
    for (let i = 0; i < 3; i++) {
      const next = await lab.open([flow(2)], [agents().agent]);
      await sleep(i);
      lab.kill(next);
    }
    lab.kill(site);
    const last = await lab.open([flow(2)], [agents().agent]);
    await lab.until(`${run}.fork`, 'the fork', (s) => s.open.has('go'));
    await last.signal(`${run}.fork`, 'go', 'went');
    expect(await last.handle(run).output()).toEqual(['a think 2', 'a think 9', 'went']);
    await equal(run);
  });

  test('said wrongly, it is refused: it would look as if it had been made', async () => {
    const site = await lab.open([trip], [agents().agent]);
    const { run } = await site.start(trip, { days: 3 });
    await site.handle(run).output();
    const other = { code: 'conflict', message: expect.stringContaining('is another run') as string };
    await expect(site.fork(run, { id: run })).rejects.toMatchObject(other);
    const { run: fork } = await site.fork(run, { id: 'f', input: { days: 4 } });
    await expect(site.fork(run, { id: fork })).rejects.toMatchObject(other);
    await expect(site.fork(run, { id: fork, input: { days: 5 } })).rejects.toMatchObject(other);
    await expect(site.fork(fork, { id: fork, input: { days: 4 } })).rejects.toMatchObject(other);
    expect((await site.fork(run, { id: fork, input: { days: 4 } })).run).toBe(fork);
    await expect(site.fork(run, { redo: ['nope'] })).rejects.toMatchObject({ code: 'not-found' });
  });

  test('agents named by skill are those that were named, whatever the skill is called', async () => {
    const odd = workflow('odd', (run) => run.ask('constructor', 1));
    const agent = functionAgent('ada', { skills: { constructor: { run: (n: number) => n + 1 } } });
    const site = await lab.open([odd], [agent]);
    const { run } = await site.start(odd);
    const fork = await site.fork(run, { redo: ['constructor'], agents: { echo: 'ada' } });
    expect(await fork.output()).toBe(2);
  });
});
