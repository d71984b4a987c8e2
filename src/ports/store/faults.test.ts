import { describe, expect, test } from 'vitest';
import { claimOf, journal, letter, newStream } from './contract/kit.ts';
import { missingFor, storeContract, type StoreLab } from './contract.ts';
import { type StoreCall, type StoreTrouble, withStoreFaults } from './faults.ts';
import { createMemoryStore, type MemoryStore } from './memory.ts';

/** A store whose calls of this verb go wrong as told, in turn. */
function troubled(...troubles: [StoreCall['verb'], StoreTrouble][]): {
  store: MemoryStore;
  calls: StoreCall[];
  crashed: (string | null)[];
} {
  const calls: StoreCall[] = [];
  const crashed: (string | null)[] = [];
  const store = withStoreFaults(createMemoryStore(), {
    decide(call) {
      calls.push(call);
      return troubles[0]?.[0] === call.verb ? troubles.shift()![1] : undefined;
    },
    crashed: (worker) => void crashed.push(worker),
  });
  return { store, calls, crashed };
}

const answered = async (promise: Promise<unknown>): Promise<boolean> => {
  let is = false;
  void promise.then(
    () => (is = true),
    () => (is = true),
  );
  for (let i = 0; i < 20; i++) await Promise.resolve();
  return is;
};

describe('store faults', () => {
  const lab: StoreLab & { last?: MemoryStore } = {
    open: async () => (lab.last = withStoreFaults(createMemoryStore(), { decide: () => undefined })),
    again: async () => lab.last!,
    kill: async (store, worker) => (store as MemoryStore).kill(worker),
    expire: async (store, worker) => (store as MemoryStore).expire(worker),
    close: async () => {},
  };
  describe('with nothing planned it keeps the contract', () => {
    test.for(storeContract)('$name', { timeout: 20_000 }, async (row, { skip }) => {
      skip(missingFor(row, lab).length > 0, `needs ${missingFor(row, lab).join()}`);
      await row.run(lab);
    });
  });

  test('a lost answer is a fault; the append went through, and tried again it loses with its own head', async () => {
    const { store } = troubled(['commit', { kind: 'lose' }]);
    const member = await store.join('w');
    const create = journal('run').create();
    await expect(member.commit([create], true)).rejects.toMatchObject({ code: 'store.io' });
    expect(await member.commit([create], true)).toEqual([{ ok: false, why: 'exists', head: 1, epoch: 1 }]);
  });

  test('a failure works nothing', async () => {
    const { store } = troubled(['commit', { kind: 'fail', code: 'store.full' }]);
    const member = await store.join('w');
    const run = journal('run');
    const create = run.create();
    await expect(member.commit([create], true)).rejects.toMatchObject({ code: 'store.full' });
    expect(await store.info('run')).toBe(null);
    expect(await member.commit([create], true)).toEqual([{ ok: true }]);
  });

  test('a crash before leaves nothing, one after leaves all; neither is answered, nor anything after', async () => {
    for (const when of ['before', 'after'] as const) {
      const { store, crashed } = troubled(['commit', { kind: 'crash', when }]);
      const member = await store.join('w');
      const other = await store.join('other');
      let heard = 0;
      member.watch(() => heard++);
      expect(await answered(member.commit([journal('run').create()], true))).toBe(false);
      expect(crashed).toEqual(['w']);
      expect((await store.info('run'))?.head).toBe(when === 'after' ? 1 : undefined);
      expect(await answered(member.due(0, 1))).toBe(false);
      await store.post([letter('run', 'a')]);
      expect(heard).toBe(0);
      store.kill('w');
      expect((await other.claim(claimOf())).length).toBe(when === 'after' ? 1 : 0);
    }
  });

  test('a delay before holds the work, one after only the answer', async () => {
    for (const when of ['before', 'after'] as const) {
      const gate = Promise.withResolvers<void>();
      const { store, calls } = troubled(['commit', { kind: 'delay', when, until: gate.promise }]);
      const member = await store.join('w');
      const commit = member.commit([journal('run').bare({ create: newStream() })], false);
      expect(await answered(commit)).toBe(false);
      expect((await store.info('run')) !== null).toBe(when === 'after');
      gate.resolve();
      expect(await commit).toEqual([{ ok: true }]);
      expect(calls.map((c) => [c.n, c.verb, c.worker])).toEqual([
        [1, 'join', 'w'],
        [2, 'commit', 'w'],
        [3, 'info', null],
      ]);
    }
  });

  test('a claim whose answer is lost is found again', async () => {
    const { store } = troubled(['claim', { kind: 'lose' }]);
    const member = await store.join('w');
    await member.commit([journal('run').create({ release: true, send: [letter('run', 'go')] })], true);
    await expect(member.claim(claimOf())).rejects.toMatchObject({ code: 'store.io' });
    expect(await member.claim(claimOf())).toEqual([]);
    expect(await member.claim(claimOf({ holds: () => false }))).toMatchObject([{ stream: 'run', epoch: 3 }]);
  });
});
