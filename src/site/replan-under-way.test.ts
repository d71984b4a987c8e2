/** Steps that get another name or are asked otherwise while a call of theirs is out, or on its way. */
import { setTimeout as later } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { parsePlan, planWorkflow } from '../author/index.ts';
import { Fault } from '../base/index.ts';
import { type AgentCall, functionAgent } from '../ports/agent/index.ts';
import type { Store } from '../ports/store/index.ts';
import { createMemoryStore } from '../ports/store/memory.ts';
import { replay } from './replay.ts';
import { openSite, type Site, type SiteOptions } from './site.ts';

const plan = (steps: string, more = '') =>
  planWorkflow(parsePlan(`name: trip\n${more}\nsteps: { ${steps} }\noutput: '\${steps}'`));
const PAY = 'effect: pay, class: idempotent, with: 1';

let site: Site;
afterEach(() => site.stop({ graceMs: 0 }));

/** What begins a call reaches the disk only when it is let go. */
function holding(): { store: Store; letGo: () => void } {
  const store = createMemoryStore();
  const { promise, resolve: letGo } = Promise.withResolvers<void>();
  const join: Store['join'] = async (...of) => {
    const member = await store.join(...of);
    return {
      ...member,
      async commit(appends, barrier) {
        if (appends.some(({ record }) => record?.header.includes('attempt.begun'))) await promise;
        return member.commit(appends, barrier);
      },
    };
  };
  return { store: { ...store, join }, letGo };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitFor(async () => expect(await holds()).toBe(true), { timeout: 5_000, interval: 2 });
}

test('renamed before the intent is on disk: it is called all the same', async () => {
  const run = vi.fn(() => 'paid');
  const agent = functionAgent('bank', { skills: { pay: { effect: 'idempotent', keyed: true, run } } });
  const { store, letGo } = holding();
  site = await openSite({ store, workflows: [plan(`a: { ${PAY} }`)], agents: [agent] });
  const handle = await site.start('trip');
  await until(() => live(handle.run, 'a')?.attempts !== undefined);
  await site.replan(handle.run, plan(`b: { ${PAY}, was: a }`));
  await until(() => live(handle.run, 'b') !== undefined);
  expect(run).not.toHaveBeenCalled();
  letGo();
  expect(await handle.output()).toEqual({ b: 'paid' });
  expect(run).toHaveBeenCalledTimes(1);
  expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
});

function waiting(how: object = {}) {
  const out: { call: AgentCall; answer: (value: string) => void; fail: (fault: Fault) => void }[] = [];
  const run = (_: unknown, call: AgentCall): Promise<string> =>
    new Promise((answer, fail) => void out.push({ call, answer, fail }));
  return { out, agent: functionAgent('bank', { skills: { pay: { ...how, run }, look: () => 'seen' } }) };
}

/** A run of this plan, once something of it is under way. */
async function begun(first: ReturnType<typeof plan>, how: Omit<SiteOptions, 'workflows'>, isOut: () => boolean) {
  site = await openSite({ workflows: [first], ...how });
  const handle = await site.start('trip');
  await until(isOut);
  return handle;
}

/** It has another plan, by which there is this step. */
async function changed(run: string, next: ReturnType<typeof plan>, step: string): Promise<void> {
  await site.replan(run, next);
  await until(async () => (await stepNow(run, step)) !== undefined);
}

/** As it is in the worker, whatever of it is on disk. */
const live = (run: string, step: string) => site.worker.hosts.get(run)?.state.steps.get(step);
const stepNow = async (run: string, step: string) => (await site.state(run)).steps.get(step);
const drifts = (run: string, step: string) => until(async () => (await stepNow(run, step))?.driftHash !== undefined);

test('an answer finds its step, not another one that has the former name since', async () => {
  const { out, agent } = waiting();
  const handle = await begun(plan(`a: { ask: pay, with: 1 }`), { agents: [agent] }, () => out.length === 1);
  await changed(handle.run, plan(`b: { ask: pay, with: 1, was: a }`), 'b');
  await site.replan(handle.run, plan(`b: { ask: pay, with: 1 }, a: { ask: pay, with: 2 }`));
  await until(() => out.length === 2);
  out[0]!.answer('first');
  out[1]!.answer('second');
  expect(await handle.output()).toEqual({ b: 'first', a: 'second' });
  expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
});

test('asked otherwise while a call of it waits for its budget to be on disk: the former input is asked of nobody', async () => {
  const run = vi.fn((to: string) => `went to ${to}`);
  const agent = functionAgent('a', { skills: { go: { price: { money: 1 }, run } } });
  const go = (to: string) =>
    planWorkflow(
      parsePlan(`name: trip\nbudget: { money: 9 }\nsteps: { a: { ask: go, with: ${to} } }\noutput: '\${steps}'`),
    );
  const { store, letGo } = holding();
  site = await openSite({ store, workflows: [go('oslo')], agents: [agent] });
  const handle = await site.start('trip');
  await until(() => live(handle.run, 'a')?.attempts !== undefined);
  await site.replan(handle.run, go('rome'));
  await until(() => live(handle.run, 'a')?.input === 'rome');
  letGo();
  expect(await handle.output()).toEqual({ a: 'went to rome' });
  expect(run.mock.calls.map(([to]) => to)).toEqual(['rome']);
  expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
});

test('what a function gives for a former input, or under a former name, is nobody`s', async () => {
  const given: { of: unknown; give: (value: string) => void }[] = [];
  const slowly = (of: unknown): Promise<string> => new Promise((give) => void given.push({ of, give }));
  const code = (name: string, of: number) => plan(`a: { code: ${name}, with: ${of} }`);
  site = await openSite({
    workflows: [code('first', 1)],
    functions: { first: slowly, second: slowly },
  });
  const handle = await site.start('trip');
  await later(50);
  expect(given).toHaveLength(1);
  await site.replan(handle.run, code('first', 2));
  await until(() => given.length === 2);
  await site.replan(handle.run, code('second', 2));
  await until(() => given.length === 3);
  for (const [i, { give }] of given.entries()) give(`${i}`);
  expect(await handle.output()).toEqual({ a: '2' });
  expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
});

const KEYED = { effect: 'idempotent', keyed: true, price: { money: 1 } };
const payment = (of: number) => plan(`a: { effect: pay, class: idempotent, with: ${of} }`, 'budget: { money: 9 }');

test('an effect that a person lets be worked anew is called anew; the call that is out is stopped, and charged', async () => {
  const { out, agent } = waiting(KEYED);
  const handle = await begun(payment(1), { agents: [agent] }, () => out.length === 1);
  await site.replan(handle.run, payment(2));
  await drifts(handle.run, 'a');
  await site.resolveDrift(handle.run, 'a', 'redo');
  await until(() => out.length === 2);
  expect(out[0]!.call.signal.aborted).toBe(true);
  out[0]!.answer('first');
  out[1]!.answer('second');
  expect(await handle.output()).toEqual({ a: 'second' });
  expect((await site.state(handle.run)).budget.spent).toEqual({ money: 2 });
  expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
});

test('the child of a step that a person lets be worked anew is cancelled', async () => {
  const up = (of: number) => plan(`a: { workflow: down, with: ${of} }`);
  const down = planWorkflow(parsePlan(`name: down\nsteps: { rest: { wait: 1h } }`));
  site = await openSite({ workflows: [up(1), down] });
  const { run } = await site.start('trip');
  await until(async () => (await stepNow(run, 'a'))?.child !== undefined);
  await site.replan(run, up(2));
  await drifts(run, 'a');
  await site.resolveDrift(run, 'a', 'redo');
  await until(async () => (await stepNow(run, 'a'))?.child === `${run}.a.r2`);
  await until(async () => (await site.state(`${run}.a`)).outcome === 'cancelled');
  expect(await replay(site.store, run)).toMatchObject({ equal: true });
});

test('an effect whose call failed while a person decided on its drift is tried again when it is kept', async () => {
  const { out, agent } = waiting(KEYED);
  const handle = await begun(payment(1), { agents: [agent] }, () => out.length === 1);
  await site.replan(handle.run, payment(2));
  await drifts(handle.run, 'a');
  out[0]!.fail(new Fault('agent.busy', 'not now', { retry: 'same' }));
  await until(async () => (await site.state(handle.run)).timers.size > 0);
  await until(async () => (await site.state(handle.run)).timers.size === 0);
  await site.resolveDrift(handle.run, 'a', 'keep');
  await until(() => out.length === 2);
  expect(out.map(({ call }) => call.input)).toEqual([1, 1]);
  out[1]!.answer('second');
  expect(await handle.output()).toEqual({ a: 'second' });
  expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
});

test('an effect of which nobody knows whether it happened is asked about again when its drift is kept', async () => {
  const { out, agent } = waiting({ effect: 'reversible', undo: () => {} });
  const pay = (of: number) => plan(`a: { effect: pay, with: ${of} }`);
  const handle = await begun(pay(1), { agents: [agent] }, () => out.length === 1);
  await site.replan(handle.run, pay(2));
  await drifts(handle.run, 'a');
  out[0]!.fail(new Fault('agent.lost', 'gone'));
  await until(async () => (await stepNow(handle.run, 'a'))?.attempts?.[0]?.status === 'unknown');
  await site.resolveDrift(handle.run, 'a', 'keep');
  await until(async () => (await stepNow(handle.run, 'a'))?.at === 'person');
  await site.edit(handle.run, 'a', 'it did', { attempt: 1 });
  expect(await handle.output()).toEqual({ a: 'it did' });
  expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
});

test('what a function gives is its step`s, not another one`s that has the former name since', async () => {
  const given: ((value: string) => void)[] = [];
  const slowly = (): Promise<string> => new Promise((give) => void given.push(give));
  const handle = await begun(plan('a: { code: f, with: 1 }'), { functions: { f: slowly } }, () => given.length === 1);
  await changed(handle.run, plan('b: { code: f, with: 1, was: a }'), 'b');
  await site.replan(handle.run, plan('b: { code: f, with: 1 }, a: { code: f, with: 1 }'));
  await until(() => given.length === 2);
  given[0]!('one');
  given[1]!('two');
  expect(await handle.output()).toEqual({ b: 'one', a: 'two' });
  expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
});

/** A sink whose every call is lost, and which says when it is told to whether it happened. */
function lossy() {
  const asked: { input: unknown; say: (output: string) => void }[] = [];
  const agent = functionAgent('bank', {
    skills: {
      pay: {
        effect: 'idempotent',
        run() {
          throw new Fault('agent.lost', 'gone');
        },
        reconcile: ({ input }: { input?: unknown }) =>
          new Promise((answer) => {
            asked.push({ input, say: (output) => answer({ happened: true, output }) });
          }),
      },
    },
  });
  return { asked, agent };
}

test('whether an effect happened is said of its step, not of another one that has the former name since', async () => {
  const { asked, agent } = lossy();
  const pay = (of: number) => `effect: pay, class: idempotent, with: ${of}`;
  const handle = await begun(plan(`a: { ${pay(1)} }`), { agents: [agent] }, () => asked.length === 1);
  await changed(handle.run, plan(`b: { ${pay(1)}, was: a }`), 'b');
  await site.replan(handle.run, plan(`b: { ${pay(1)} }, a: { ${pay(2)} }`));
  await until(() => asked.length === 2);
  for (const { input, say } of asked) say(`paid ${JSON.stringify(input)}`);
  expect(await handle.output()).toEqual({ b: 'paid 1', a: 'paid 2' });
  expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
});

test('whether the call for a former input happened is nothing said of the one that is made now', async () => {
  const { asked, agent } = lossy();
  const pay = (of: number) => plan(`a: { effect: pay, class: idempotent, with: ${of} }`);
  const handle = await begun(pay(1), { agents: [agent] }, () => asked.length === 1);
  await site.replan(handle.run, pay(2));
  await drifts(handle.run, 'a');
  await site.resolveDrift(handle.run, 'a', 'redo');
  await until(() => asked.some(({ input }) => input === 2));
  for (const { input, say } of asked) say(`paid ${JSON.stringify(input)}`);
  expect(await handle.output()).toEqual({ a: 'paid 2' });
  expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
});

test('called, although two new plans came while the intent was on its way to the disk', async () => {
  const { out, agent } = waiting(KEYED);
  const { store, letGo } = holding();
  site = await openSite({ store, workflows: [plan(`a: { ${PAY} }`)], agents: [agent] });
  const handle = await site.start('trip');
  await until(() => live(handle.run, 'a')?.attempts !== undefined);
  const host = site.worker.hosts.get(handle.run)!;
  for (const { plan: next } of [plan(`b: { ${PAY}, was: a }`), plan(`b: { ${PAY} }, a: { effect: pay, with: 2 }`)])
    site.worker.post(host.run, { in: 'replan', plan: { hash: JSON.stringify(next), plan: next! } });
  await until(() => live(handle.run, 'b') !== undefined && live(handle.run, 'a') !== undefined);
  letGo();
  await until(() => out.length === 2);
  for (const { call, answer } of out) answer(`paid ${JSON.stringify(call.input)}`);
  expect(await handle.output()).toEqual({ b: 'paid 1', a: 'paid 2' });
  expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
});

test('a step that has the name which another one was born with has keys of its own, also inside of it', async () => {
  const { out, agent } = waiting(KEYED);
  const map = (name: string, was = '') =>
    `${name}: { map: '[1]', key: item, steps: { x: { effect: pay, with: '\${item}' } } ${was} }`;
  const handle = await begun(plan(`a: { ${PAY} }, ${map('m')}`), { agents: [agent] }, () => out.length === 2);
  out[1]!.answer('first');
  await until(async () => (await stepNow(handle.run, 'm'))?.out === 'ok');
  await changed(handle.run, plan(`b: { ${PAY}, was: a }, ${map('n', ', was: m')}`), 'b');
  await site.replan(handle.run, plan(`b: { ${PAY} }, a: { ${PAY} }, ${map('n')}, ${map('m')}`));
  await until(() => out.length === 4);
  expect(new Set(out.map(({ call }) => call.key)).size).toBe(4);
  for (const [i, { answer }] of out.entries()) answer(`${i}`);
  expect(await handle.output()).toMatchObject({ b: '0', n: ['first'] });
  expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
});

test('a call is ended by its own step alone, whatever other step has its former name', async () => {
  const { out, agent } = waiting();
  const handle = await begun(plan(`a: { ask: pay, with: 1 }`), { agents: [agent] }, () => out.length === 1);
  await site.replan(handle.run, plan(`b: { ask: pay, with: 1, was: a }`));
  await site.replan(handle.run, plan(`b: { ask: pay, with: 1 }, a: { ask: pay, with: 2 }`));
  await until(() => out.length === 2);
  await site.replan(handle.run, plan(`b: { ask: pay, with: 1 }`));
  await until(() => out[1]!.call.signal.aborted);
  expect(out[0]!.call.signal.aborted).toBe(false);
  out[0]!.answer('first');
  expect(await handle.output()).toEqual({ b: 'first' });
  expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
});

test('an agent that was found for a former input is not asked what it may not see', async () => {
  const read = vi.fn();
  const agent = { ...functionAgent('any', { skills: { read } }), clearance: [] };
  let give: (value: number) => void = () => {};
  const reading = (of: string) => plan(`first: { code: f }, a: { ask: read, after: first, ${of} }`);
  site = await openSite({
    workflows: [reading('with: 1')],
    functions: { f: () => new Promise<number>((done) => (give = done)) },
    agents: [agent],
  });
  const handle = await site.start('trip');
  await later(50);
  const next = reading('with: 2, labels: [secret]').plan!;
  give(1);
  await Promise.resolve();
  // In one pass with what the function gave: what was found for `a` is still on the way to it.
  site.worker.post(handle.run, { in: 'replan', plan: { hash: 'next', plan: next } });
  expect(await handle.result()).toMatchObject({ outcome: 'failed', fault: { code: 'agent.none' } });
  expect(read).not.toHaveBeenCalled();
  expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
});
