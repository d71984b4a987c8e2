/** A skill of somebody who is not ours, that declares no effect class, is treated as the worst. */
import { expect, test } from 'vitest';
import { workflow } from '../author/index.ts';
import { type Agent, foreignSkill } from '../ports/agent/index.ts';
import { openSite } from './site.ts';

function strangers(calls: string[]): Agent[] {
  return ['a', 'b'].map((name) => ({
    name,
    skills: [foreignSkill({ name: 'mail' })],
    call: () => {
      calls.push(name);
      throw new Error('who knows');
    },
  }));
}

test('it is not called without a gate, and the fault says how to declare it', async () => {
  const calls: string[] = [];
  const site = await openSite({ agents: strangers(calls) });
  const { fault } = await (await site.start(workflow('w', (run) => run.ask('mail', 1)))).result();
  expect(fault).toMatchObject({ code: 'effect.ungated' });
  expect(fault?.message).toContain("skills: [{ name: 'mail', effect: 'pure' }]");
  expect(calls).toEqual([]);
  await site.stop();
});

test('it is never put on a panel', async () => {
  const calls: string[] = [];
  const site = await openSite({ agents: strangers(calls) });
  const flow = workflow('w', (run) => run.ask('mail', 1, { right: 'mail', agree: { by: 'majority', panel: 2 } }));
  const { fault } = await (await site.start(flow)).result();
  expect(fault?.message).toContain('irreversible: never on a panel');
  expect(calls).toEqual([]);
  await site.stop();
});

test('let through a gate and failed without a word, it is not asked again: a person decides', async () => {
  const calls: string[] = [];
  const site = await openSite({ agents: strangers(calls) });
  const handle = await site.start(workflow('w', (run) => run.ask('mail', 1, { right: 'mail' })));
  await handle.untilAsked('mail');
  await site.approve(handle.run, 'mail');
  await expect.poll(() => calls.length, { timeout: 10_000 }).toBe(1);
  await expect
    .poll(async () => (await site.gates(handle.run)).map((gate) => gate.step), { timeout: 10_000 })
    .toEqual(['mail']);
  expect(calls.length).toBe(1);
  await site.stop();
});
