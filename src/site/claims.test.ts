/** Runs that nobody holds any more are shared by those who look for them, and none is forgotten. */
import { expect, test } from 'vitest';
import { workflow } from '../author/index.ts';
import { functionAgent } from '../ports/agent/index.ts';
import { createMemoryStore } from '../ports/store/memory.ts';
import type { Membership, Store } from '../ports/store/index.ts';
import { openSite } from './site.ts';

const RUNS = 600;
const flow = workflow('waits', async (run) => {
  await run.signal('go');
  return run.ask('who');
});
const agents = [functionAgent('x', { skills: { who: () => 'x' } })];

async function orphans(store: ReturnType<typeof createMemoryStore>, runs: number): Promise<void> {
  const first = await openSite({ store, worker: 'first', workflows: [flow], agents, keepFacts: false });
  for (let i = 0; i < runs; i++) await first.start(flow, undefined, { id: `r${i}` });
  store.kill('first');
}

test('several cold workers share what a dead one left', async () => {
  const store = createMemoryStore();
  await orphans(store, RUNS);
  const names = ['ann', 'bob'];
  const sites = await Promise.all(
    names.map((worker) => openSite({ store, worker, workflows: [flow], agents, keepFacts: false })),
  );
  const held = () => sites.map((site) => site.worker.hosts.size);
  await expect.poll(() => held().reduce((a, b) => a + b, 0), { timeout: 10_000 }).toBe(RUNS);
  for (const count of held()) expect(count).toBeGreaterThanOrEqual(RUNS / 4);
  for (const site of sites) await site.stop();
});

test('a claim whose answer was lost is found again whole, however many runs it took', async () => {
  const store = createMemoryStore();
  await orphans(store, RUNS);
  let lost = 0;
  /** It takes everything there is, and nobody hears of it. */
  const forgetful = (member: Membership): Membership => ({
    ...member,
    async claim(request) {
      if (lost > 0) return member.claim(request);
      lost = (await member.claim({ ...request, limit: RUNS })).length;
      throw new Error('the answer is lost');
    },
  });
  const spoilt: Store = { ...store, join: async (worker) => forgetful(await store.join(worker)) };
  const site = await openSite({ store: spoilt, worker: 'ann', workflows: [flow], agents, keepFacts: false });
  await expect.poll(() => site.worker.hosts.size, { timeout: 10_000 }).toBe(RUNS);
  expect(lost).toBe(RUNS);
  await site.stop();
});
