/** Steps that get another name while a call of theirs is out, or on its way. */
import { setTimeout as later } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { parsePlan, planWorkflow } from '../author/index.ts';
import { type AgentCall, functionAgent } from '../ports/agent/index.ts';
import type { Store } from '../ports/store/index.ts';
import { createMemoryStore } from '../ports/store/memory.ts';
import { replay } from './replay.ts';
import { openSite, type Site } from './site.ts';

const plan = (steps: string) => planWorkflow(parsePlan(`name: trip\nsteps: { ${steps} }\noutput: '\${steps}'`));
const PAY = 'effect: pay, class: idempotent, with: 1';

let site: Site;
afterEach(() => site.stop({ graceMs: 0 }));

/** Every commit takes so long to reach the disk. */
function slow(store: Store, ms: number): Store {
  return {
    ...store,
    async join(...of) {
      const member = await store.join(...of);
      return {
        ...member,
        async commit(...given) {
          await later(ms);
          return member.commit(...given);
        },
      };
    },
  };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitFor(async () => expect(await holds()).toBe(true), { timeout: 5_000, interval: 2 });
}

test('renamed before the intent is on disk: it is called all the same', async () => {
  const run = vi.fn(() => 'paid');
  const agent = functionAgent('bank', { skills: { pay: { effect: 'idempotent', keyed: true, run } } });
  site = await openSite({ store: slow(createMemoryStore(), 100), workflows: [plan(`a: { ${PAY} }`)], agents: [agent] });
  const handle = await site.start('trip');
  await until(() => site.worker.hosts.get(handle.run)?.state.steps.get('a')?.attempts !== undefined);
  await site.replan(handle.run, plan(`b: { ${PAY}, was: a }`));
  expect(await handle.output()).toEqual({ b: 'paid' });
  expect(run).toHaveBeenCalledTimes(1);
  expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
});

function waiting() {
  const out: { call: AgentCall; answer: (value: string) => void }[] = [];
  const run = (_: unknown, call: AgentCall): Promise<string> =>
    new Promise((answer) => void out.push({ call, answer }));
  return { out, agent: functionAgent('bank', { skills: { pay: run, look: () => 'seen' } }) };
}

test('an answer finds its step, not another one that has the former name since', async () => {
  const { out, agent } = waiting();
  site = await openSite({ workflows: [plan(`a: { ask: pay, with: 1 }`)], agents: [agent] });
  const handle = await site.start('trip');
  await until(() => out.length === 1);
  await site.replan(handle.run, plan(`b: { ask: pay, with: 1, was: a }`));
  await until(async () => (await site.state(handle.run)).steps.has('b'));
  await site.replan(handle.run, plan(`b: { ask: pay, with: 1 }, a: { ask: pay, with: 2 }`));
  await until(() => out.length === 2);
  out[0]!.answer('first');
  out[1]!.answer('second');
  expect(await handle.output()).toEqual({ b: 'first', a: 'second' });
  expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
});

test('a call whose step was renamed is ended with its run', async () => {
  const { out, agent } = waiting();
  site = await openSite({ workflows: [plan(`a: { ask: pay, with: 1 }`)], agents: [agent] });
  const handle = await site.start('trip');
  await until(() => out.length === 1);
  await site.replan(handle.run, plan(`b: { ask: pay, with: 1, was: a }`));
  await until(async () => (await site.state(handle.run)).steps.has('b'));
  await site.cancel(handle.run, 'no more');
  expect(await handle.result()).toMatchObject({ outcome: 'cancelled' });
  expect(out[0]!.call.signal.aborted).toBe(true);
});
