import { describe, expect, test } from 'vitest';
import { journal } from './contract/kit.ts';
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
  for (const row of storeContract) {
    test.skipIf(missingFor(row, lab).length > 0)(row.name, () => row.run(lab));
  }

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
