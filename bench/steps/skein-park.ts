/** What a parked run costs in memory: ten steps done, then a wait of a day; nothing evicted. */
import { join } from 'node:path';
import { openSite, workflow } from '../../src/index.ts';
import { createSqliteStore } from '../../src/ports/store/sqlite.ts';

const DAY_MS = 86_400_000;
const AT_ONCE = 500;

const parked = workflow<number, number>('parked', async (run, input) => {
  let value = input;
  for (let i = 0; i < 10; i++) value = await run.code(`s${i}`, value, (x) => x + 1);
  await run.wait('rest', { ms: DAY_MS });
  return value;
});

/** Evicted: out of memory at once, a row in the store until its day has come. */
export async function bytesPerParkedRun(runs: number, dir: string, how: { evicted?: boolean } = {}): Promise<number> {
  const { evicted = false } = how;
  const store = createSqliteStore({ path: join(dir, evicted ? 'evicted.db' : 'parked.db') });
  const site = await openSite({ store, workflows: [parked], evictAfterMs: evicted ? 0 : Infinity });
  const park = async (from: number, count: number): Promise<void> => {
    for (let i = from; i < from + count; i += AT_ONCE) {
      const some = Math.min(AT_ONCE, from + count - i);
      await Promise.all(Array.from({ length: some }, (_, k) => site.start(parked, k, { id: `p${i + k}` })));
      await until(() => {
        const hosts = [...site.worker.hosts.values()];
        if (evicted) return hosts.length === 0;
        return hosts.every(
          (host) => host.state.open.size === 1 && host.turns.length === 0 && host.flight === undefined,
        );
      });
    }
  };
  await park(0, AT_ONCE); // warm-up: code, caches and statements are not the runs'
  const before = inUse();
  await park(AT_ONCE, runs);
  const after = inUse();
  await site.stop();
  await store.close();
  return Math.round((after - before) / runs);
}

function inUse(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function until(done: () => boolean): Promise<void> {
  const LIMIT_MS = 60_000;
  const from = performance.now();
  while (!done()) {
    if (performance.now() - from > LIMIT_MS) throw new Error('the runs did not park');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
