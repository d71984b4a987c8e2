/** What a site promises its callers, when the store is slow, fails, or answers to nobody. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { workflow } from '../author/index.ts';
import { Fault } from '../base/index.ts';
import { createMemoryStore } from '../ports/store/memory.ts';
import type { Append, AppendResult, Membership, Store } from '../ports/store/index.ts';
import { verifyStream } from './audit/index.ts';
import { openSite } from './site.ts';

const hello = workflow('hello', async (run, { n }: { n: number }) => run.code('say', () => n + 1));

/** A store whose commits go through this first. */
function through(
  store: Store,
  commit: (appends: readonly Append[], go: () => Promise<AppendResult[]>) => Promise<AppendResult[]>,
): Store & { claims: number } {
  const wrapped: Store & { claims: number } = {
    ...store,
    claims: 0,
    async join(worker): Promise<Membership> {
      const member = await store.join(worker);
      return {
        ...member,
        commit: (appends, barrier) => commit(appends, () => member.commit(appends, barrier)),
        claim(request) {
          wrapped.claims++;
          return member.claim(request);
        },
      };
    },
  };
  return wrapped;
}

test('a start said twice at once is acknowledged when it is on disk, not before', async () => {
  const held = Promise.withResolvers<void>();
  const store = through(createMemoryStore(), async (_, go) => {
    await held.promise;
    return go();
  });
  const site = await openSite({ store, workflows: [hello] });
  let acknowledged = 0;
  const starts = [0, 1].map(async () => {
    await site.start(hello, { n: 1 }, { id: 'r' });
    acknowledged++;
  });
  await sleep(30);
  expect(acknowledged).toBe(0);
  held.resolve();
  await Promise.all(starts);
  expect(await site.handle('r').output()).toBe(2);
  await site.stop();
});

test('two sites start one id while the store fails: one of them holds the run, its journal is whole', async () => {
  const memory = createMemoryStore();
  const other = await openSite({ store: memory, worker: 'other', workflows: [] });
  const slow = workflow('slow', async (run) => {
    await run.wait('nap', { ms: 60 });
    return run.code('end', () => 'done');
  });
  let failures = 0;
  const store = through(memory, async (_, go) => {
    if (failures++ > 0) return go();
    // Before our first try could go through, another site has made the run, with as many events.
    await other.start(slow, {}, { id: 'r' });
    throw new Fault('store.io', 'lost');
  });
  const site = await openSite({ store, worker: 'site', workflows: [slow] });
  await site.start(slow, {}, { id: 'r' });
  expect(await other.handle('r').output()).toBe('done');
  expect(site.worker.hosts.size).toBe(0);
  expect(await verifyStream(memory, 'r')).toEqual([]);
  await Promise.all([site.stop(), other.stop()]);
});

test('a start whose answer was lost, and whose run another has taken up already, is acknowledged', async () => {
  const memory = createMemoryStore();
  let lost = 0;
  const store = through(memory, async (_, go) => {
    const results = await go();
    if (lost++ > 0) return results;
    const worker = await openSite({ store: memory, worker: 'worker', workflows: [hello] });
    const [made] = await memory.list({ limit: 1 });
    expect(await worker.handle(made!.stream).output()).toBe(5);
    await worker.stop();
    throw new Fault('store.unreachable', 'the answer is lost');
  });
  const site = await openSite({ store, works: false });
  const handle = await site.start(hello, { n: 4 });
  expect(await handle.output()).toBe(5);
  await site.stop();
});

test('a run that is claimed while it is made here once more is held once, and goes on', async () => {
  const memory = createMemoryStore();
  const waits = workflow('waits', async (run) => run.signal<string>('word'));
  const first = await openSite({ store: memory, worker: 'first', workflows: [waits] });
  await first.start(waits, {}, { id: 'r' });
  const held = Promise.withResolvers<void>();
  const store = through(memory, async (appends, go) => {
    if (appends.some((append) => append.create !== undefined)) await held.promise;
    return go();
  });
  const second = await openSite({ store, worker: 'second', workflows: [waits] });
  const again = second.start(waits, {}, { id: 'r' });
  // Its owner goes while our own making of it is on its way.
  await first.stop();
  while ((await memory.info('r'))?.owner !== 'second') await sleep(5);
  await sleep(20);
  held.resolve();
  const handle = await again;
  await second.signal('r', 'word', 'go');
  expect(await handle.output()).toBe('go');
  await second.stop();
});

test('a store that is broken for good says so to everyone who waits', async () => {
  const store = through(createMemoryStore(), () => Promise.reject(new Fault('store.corrupt', 'a page is not whole')));
  const site = await openSite({ store, workflows: [hello] });
  await expect(site.start(hello, { n: 1 }, { id: 'r' })).rejects.toMatchObject({ code: 'store.corrupt' });
  expect(site.worker.hosts.size).toBe(0);
  await site.stop();
});

test('a site that stops while the store fails does not go on trying', { timeout: 10_000 }, async () => {
  let tries = 0;
  const store = through(createMemoryStore(), () => {
    tries++;
    return Promise.reject(new Fault('store.full', 'full'));
  });
  const site = await openSite({ store, workflows: [hello] });
  const start = site.start(hello, { n: 1 }).catch((thrown: Fault) => thrown.code);
  await sleep(50);
  await site.stop({ graceMs: 50 });
  expect(await start).toBe('site.stopped');
  const before = tries;
  await sleep(2500);
  expect(tries).toBe(before);
});

test('a letter that nobody here can take does not keep the site busy', async () => {
  const store = through(createMemoryStore(), (_, go) => go());
  const asking = await openSite({ store, works: false });
  await asking.start(hello, { n: 1 });
  await sleep(100);
  const before = store.claims;
  await sleep(500);
  expect(store.claims - before).toBeLessThan(50);
  await asking.stop();
});
