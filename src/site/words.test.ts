/** Given a word under an id, when another one is said under it, then that is refused, whatever became of the first. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { workflow } from '../author/index.ts';
import { createMemoryStore } from '../ports/store/memory.ts';
import { openSite, type Site } from './site.ts';

const open: Site[] = [];
afterEach(async () => {
  for (const site of open.splice(0)) await site.stop({ graceMs: 0 });
});

const asks = workflow('asks', async (run) => {
  const first = await run.gate<string>('first');
  const word = await run.signal<string>('go');
  const last = await run.gate<string>('last');
  return [first.choice, first.value, word, last.choice];
});
const ann = { id: 'ann', rights: ['*'] };
const bo = { id: 'bo', rights: ['*'] };
const used = { code: 'conflict', message: expect.stringContaining('was used for another word') as string };

async function asked(): Promise<{ site: Site; run: string }> {
  const site = await openSite({ workflows: [asks] });
  open.push(site);
  const { run } = await site.start(asks);
  await site.handle(run).untilAsked('first');
  return { site, run };
}

test('to a gate: while it waits, when it is answered, when the run is over', async () => {
  const { site, run } = await asked();
  const same = () => site.edit(run, 'first', 'A', { id: 'one', by: ann });
  const others = async () => {
    await expect(site.edit(run, 'first', 'B', { id: 'one', by: ann })).rejects.toMatchObject(used);
    await expect(site.deny(run, 'first', { id: 'one', by: ann })).rejects.toMatchObject(used);
    // While the first is on its way, the other gate is not there yet.
    await expect(site.edit(run, 'last', 'A', { id: 'one', by: ann })).rejects.toMatchObject({ code: 'conflict' });
    await expect(site.edit(run, 'first', 'A', { id: 'one', by: bo })).rejects.toMatchObject(used);
    await same();
  };
  await same();
  await others();
  await site.signal(run, 'go', 1, { by: ann });
  await site.handle(run).untilAsked('last');
  await others();
  await site.approve(run, 'last', { id: 'two', by: ann });
  expect(await site.handle(run).output()).toEqual(['edit', 'A', 1, 'approve']);
  await others();
  await site.approve(run, 'last', { id: 'two', by: ann });
});

test('a signal: before anybody waits for it, and after', async () => {
  const { site, run } = await asked();
  const same = () => site.signal(run, 'go', { a: 1 }, { id: 'one', by: ann });
  const others = async () => {
    await expect(site.signal(run, 'go', { a: 2 }, { id: 'one', by: ann })).rejects.toMatchObject(used);
    await expect(site.signal(run, 'stop', { a: 1 }, { id: 'one', by: ann })).rejects.toMatchObject(used);
    await same();
  };
  await same();
  await others();
  await sleep(50);
  await others();
  await site.approve(run, 'first');
  await site.handle(run).untilAsked('last');
  await others();
  await site.approve(run, 'last');
  expect(await site.handle(run).output()).toMatchObject({ 2: { a: 1 } });
});

test('a signal to a run that has ended is refused, unless it was heard before', async () => {
  const { site, run } = await asked();
  await site.approve(run, 'first');
  await site.signal(run, 'go', 1, { id: 'one', by: ann });
  await site.handle(run).untilAsked('last');
  await site.approve(run, 'last');
  await site.handle(run).output();
  const over = { code: 'conflict', message: `run ${run} has ended and hears no signal` };
  await expect(site.signal(run, 'go', 2)).rejects.toMatchObject(over);
  await expect(site.signal(run, 'go', 1, { id: 'two', by: ann })).rejects.toMatchObject(over);
  await site.signal(run, 'go', 1, { id: 'one', by: ann });
  expect(await site.store.letters(run)).toEqual([]);
});

test('by way of a site that does not hold the run', async () => {
  const { site, run } = await asked();
  const other = await openSite({ store: site.store, works: false, workflows: [asks] });
  open.unshift(other);
  await other.signal(run, 'go', 1, { id: 'one', by: ann });
  await expect(other.signal(run, 'go', 2, { id: 'one', by: ann })).rejects.toMatchObject(used);
  await expect.poll(() => site.store.letters(run)).toEqual([]);
  await expect(other.signal(run, 'go', 2, { id: 'one', by: ann })).rejects.toMatchObject(used);
  await other.signal(run, 'go', 1, { id: 'one', by: ann });
});

test('what was erased since is taken for the same', async () => {
  const { site, run } = await asked();
  await site.edit(run, 'first', 'A', { id: 'one', by: ann });
  await site.signal(run, 'go', 1);
  await site.handle(run).untilAsked('last');
  await site.approve(run, 'last');
  await site.handle(run).output();
  await site.erase(run, 'payloads', { reason: 'asked to' });
  await site.edit(run, 'first', 'B', { id: 'one', by: ann });
  await expect(site.deny(run, 'first', { id: 'one', by: ann })).rejects.toMatchObject(used);
});

test('in a long journal: each of its records is read once', async () => {
  const long = workflow('long', async (run) => {
    await run.signal('go');
    for (let i = 0; i < 1_500; i++) await run.code(`c${i}`, () => i);
    await run.signal('end');
  });
  const store = createMemoryStore();
  const site = await openSite({ store, workflows: [long] });
  open.push(site);
  const { run } = await site.start(long);
  await site.signal(run, 'go', 1, { id: 'k' });
  await expect.poll(async () => (await site.state(run)).open.has('end'), { timeout: 20_000 }).toBe(true);
  const all = (await store.read(run)).length;
  let decoded = 0;
  const { read } = store;
  store.read = async (...given) => {
    const records = await read.apply(store, given);
    decoded += records.length;
    return records;
  };
  await expect(site.signal(run, 'go', 2, { id: 'k' })).rejects.toMatchObject(used);
  expect(decoded).toBeLessThanOrEqual(all + 1);
});

test('an id that not every store can hold is refused', async () => {
  const { site, run } = await asked();
  for (const id of ['', 'a\0b', 'a\ud83c', 'x'.repeat(501)]) {
    await expect(site.approve(run, 'first', { id, by: ann })).rejects.toMatchObject({ code: 'input.invalid' });
    await expect(site.signal(run, 'go', 1, { id, by: ann })).rejects.toMatchObject({ code: 'input.invalid' });
  }
});
