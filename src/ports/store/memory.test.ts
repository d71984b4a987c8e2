import { describe, expect, test } from 'vitest';
import { claimOf, journal, letter, NOW } from './contract/kit.ts';
import { missingFor, storeContract, type StoreLab } from './contract.ts';
import { createMemoryStore, type MemoryStore } from './memory.ts';

const lab: StoreLab & { last?: MemoryStore } = {
  open: async () => (lab.last = createMemoryStore()),
  again: async () => lab.last!,
  kill: async (store, worker) => (store as MemoryStore).kill(worker),
  expire: async (store, worker) => (store as MemoryStore).expire(worker),
  async restore(store) {
    await store.backup('copy');
    return (store as MemoryStore).openBackup('copy');
  },
  close: async () => {},
};

describe('memory store', () => {
  test.for(storeContract)('$name', { timeout: 20_000 }, async (row, { skip }) => {
    skip(missingFor(row, lab).length > 0, `needs ${missingFor(row, lab).join()}`);
    await row.run(lab);
  });

  test('a power cut takes back what followed the last barrier, and nothing else', async () => {
    const store = createMemoryStore();
    const member = await store.join('w1');
    const run = journal('run-1');
    const other = journal('run-2');
    await store.post([letter('run-3', 'early')]);
    await member.commit([run.create({ send: [letter('run-1', 'a'), letter('run-1', 'b', NOW + 5)] })], true);
    const before = [await store.info('run-1'), await store.read('run-1'), await store.letters('run-1')];
    await member.commit(
      [
        run.next({
          take: ['a'],
          send: [letter('run-1', 'c'), letter('run-2', 'd'), letter('run-3', 'e')],
          snapshot: { seq: 2, state: '1' },
        }),
      ],
      false,
    );
    await member.commit([other.create(), run.next({ status: 'ended' }), journal('run-3').create()], false);
    store.losePower();
    expect([await store.info('run-1'), await store.read('run-1'), await store.letters('run-1')]).toEqual(before);
    expect(await store.snapshot('run-1')).toBe(null);
    expect([await store.info('run-2'), await store.letters('run-2')]).toEqual([null, []]);
    expect([await store.info('run-3'), (await store.letters('run-3')).map((l) => l.id)]).toEqual([null, ['early']]);
    await expect(member.commit([], true)).rejects.toMatchObject({ code: 'site.stopped' });
    const again = await store.join('w1');
    expect((await again.claim(claimOf())).map((c) => [c.stream, c.head])).toEqual([['run-1', 1]]);
    expect((await again.due(NOW, 10)).map((l) => l.id)).toEqual(['a']);
    expect(await again.nextDueMs()).toBe(0);
    const second = journal('run-1', { head: 1, epoch: 2, hash: (await store.info('run-1'))!.hash });
    await again.commit([second.next()], false);
    await again.commit([], true);
    store.losePower();
    expect((await store.info('run-1'))?.head).toBe(2);
  });

  test('appends 100 streams in groups fast enough for the simulator', async () => {
    const member = await createMemoryStore().join('w1');
    const runs = Array.from({ length: 100 }, (_, i) => journal(`run-${i}`));
    await member.commit(
      runs.map((r) => r.create()),
      true,
    );
    const groups = Array.from({ length: 500 }, () => runs.map((r) => r.next()));
    const began = performance.now();
    for (const group of groups) await member.commit(group, true);
    const perSecond = 50_000 / ((performance.now() - began) / 1000);
    expect(perSecond).toBeGreaterThan(100_000);
  });
});
