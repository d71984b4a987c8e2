/** The ids of children and of next runs are made: another run may have one of them already, and is never taken for ours. */
import { expect, test } from 'vitest';
import { workflow } from '../author/index.ts';
import { createMemoryStore } from '../ports/store/memory.ts';
import { replay } from './replay.ts';
import { openSite } from './site.ts';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const bob = { id: 'bob', rights: [] };
const eve = { id: 'eve', rights: [] };

const kid = workflow<unknown, string>('kid', (run) => run.signal<string>('go'));
const parent = workflow<unknown, string>('parent', (run) => run.workflow(kid, 1));
const chain = workflow<number, string>('chain', async (run, turn) => (turn === 0 ? run.continueAsNew(1) : 'own'));

test('a run that has the id of a child of ours is another: our step fails, and the other is left alone', async () => {
  const site = await openSite({ workflows: [kid, parent] });
  await site.start(kid, null, { id: 'bob.kid', by: bob });
  await site.start(parent, null, { id: 'bob', by: eve });
  expect(await site.handle('bob').result()).toMatchObject({ outcome: 'failed', fault: { code: 'conflict' } });
  expect(await replay(site.store, 'bob')).toMatchObject({ equal: true });
  await site.signal('bob.kid', 'go', 'on');
  expect(await site.handle('bob.kid').output()).toBe('on');
  await site.stop();
});

test('another child of the same id, of another parent, is not ours either', async () => {
  const deep = workflow<unknown, string>('deep', (run) => run.workflow(kid, 1, { name: 'b.kid' }));
  const site = await openSite({ workflows: [kid, parent, deep] });
  await site.start(parent, null, { id: 'q.b', by: bob });
  for (let i = 0; i < 500 && (await site.store.info('q.b.kid')) === null; i++) await sleep(2);
  await site.start(deep, null, { id: 'q', by: bob });
  await expect(site.handle('q').output()).rejects.toMatchObject({ code: 'conflict' });
  await site.signal('q.b.kid', 'go', 'on');
  expect(await site.handle('q.b').output()).toBe('on');
  await site.stop();
});

test('a run hears a cancel of its own parent only', async () => {
  const site = await openSite({ workflows: [kid, parent] });
  await site.start(parent, null, { id: 'p', by: bob });
  for (let i = 0; i < 500 && (await site.store.info('p.kid')) === null; i++) await sleep(2);
  const cancel = { in: 'cancel', by: eve, reason: 'mine', why: 'parent' };
  const letter = (from: string) => ({
    to: 'p.kid',
    id: `cancel:${from}`,
    dueMs: 0,
    body: JSON.stringify({ ...cancel, from }),
  });
  await site.store.post([letter('eves')]);
  await site.signal('p', 'nothing', 1);
  await sleep(30);
  expect((await site.state('p.kid')).phase).toBe('running');
  await site.cancel('p', 'enough', bob);
  expect(await site.handle('p').result()).toMatchObject({ outcome: 'cancelled' });
  expect(await site.handle('p.kid').result()).toMatchObject({ outcome: 'cancelled' });
  await site.stop();
});

test('a run whose next run would be another fails, and that is told', async () => {
  const troubles: unknown[] = [];
  const site = await openSite({
    workflows: [kid, chain],
    onTrouble: (run, fault) => troubles.push([run, fault?.code]),
  });
  await site.start(kid, null, { id: 'c~2', by: bob });
  await site.start(chain, 0, { id: 'c', by: eve });
  expect(await site.handle('c').result()).toMatchObject({ run: 'c', outcome: 'failed', fault: { code: 'conflict' } });
  expect(troubles).toEqual([['c', 'conflict']]);
  expect(await replay(site.store, 'c')).toMatchObject({ equal: true });
  // What is said to the first is no word to the other.
  await expect(site.signal('c', 'go', 'on')).rejects.toMatchObject({ code: 'conflict' });
  expect((await site.state('c~2')).phase).toBe('running');
  await site.stop();
});

test('a child whose next run would be another fails its step, and gives back what it held', async () => {
  const over = workflow<unknown, string>('over', (run) => run.workflow(chain, 0, { budget: { money: 4 } }));
  const site = await openSite({ workflows: [kid, chain, over] });
  await site.start(kid, null, { id: 'p.chain~2', by: bob });
  await site.start(over, null, { id: 'p', by: eve, budget: { money: 5 } });
  expect(await site.handle('p').result()).toMatchObject({ outcome: 'failed', fault: { code: 'conflict' } });
  expect((await site.state('p')).steps.get('chain')).toMatchObject({ child: 'p.chain~2', childEnded: true });
  for (const run of ['p', 'p.chain']) expect(await replay(site.store, run)).toMatchObject({ equal: true });
  expect((await site.state('p.chain~2')).phase).toBe('running');
  await site.stop();
});

test('a child that was begun before its parent was taken up again is ours', async () => {
  const store = createMemoryStore();
  const first = await openSite({ store, workflows: [kid, parent] });
  await first.start(parent, null, { id: 'p' });
  for (let i = 0; i < 500 && (await store.info('p.kid')) === null; i++) await sleep(2);
  await first.stop();
  const second = await openSite({ store, workflows: [kid, parent] });
  await sleep(30);
  await second.signal('p.kid', 'go', 'on');
  expect(await second.handle('p').output()).toBe('on');
  await second.stop();
});
