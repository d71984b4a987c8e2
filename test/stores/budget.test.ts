/** One budget for a tree of runs that several processes carry at once: what was bought is counted outside. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type PostgresServer, startPostgres, whyNoPostgres } from '../../src/lab/servers/postgres.ts';
import { eventsOf } from '../../src/lab/trial/index.ts';
import { openSite } from '../../src/site/site.ts';
import { CHILDREN, EACH, family, known, openAddress } from './buyer.ts';

const MONEY = 20;
const why = await whyNoPostgres();
if (why !== null) console.warn(`budgets of several processes on PostgreSQL are not tested: ${why}`);
const kinds = why === null ? ['sqlite', 'postgres'] : ['sqlite'];

let server: Promise<PostgresServer> | undefined;
let count = 0;
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(async () => await (await server)?.close());

describe.each(kinds)('on %s', (kind) => {
  test.each([false, true])(
    'two runs under one budget never overspend it together (one is killed: %s)',
    { timeout: 120_000 },
    async (kills) => {
      const dir = mkdtempSync(join(tmpdir(), 'skein-budget-'));
      ends.push(() => rmSync(dir, { recursive: true, force: true }));
      const url = kind === 'sqlite' ? undefined : (await (server ??= startPostgres())).url;
      const address = url === undefined ? join(dir, 'site.db') : `${url}|budget_${count++}`;
      const file = join(dir, 'bought');
      writeFileSync(file, '');
      const bought = (): string[] => readFileSync(file, 'utf8').split('\n').slice(0, -1);

      async function worker(name: string, knows: keyof typeof known): Promise<ChildProcess> {
        const child = fork(join(import.meta.dirname, 'buyer.ts'), [address, name, file, knows]);
        ends.push(async () => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          child.kill('SIGKILL');
          await once(child, 'exit');
        });
        await once(child, 'message');
        return child;
      }

      const store = await openAddress(address);
      ends.push(() => store.close());
      const site = await openSite({ store, works: false, workflows: known.all, keepFacts: false });
      ends.push(() => site.stop());
      const [ann, bob] = await Promise.all([worker('ann', 'one'), worker('bob', 'two')]);
      const handle = await site.start(family, undefined, { budget: { money: MONEY } });
      if (kills) {
        // One kind of buyers cannot buy all that there is: sooner or later each of the two has bought.
        await expect.poll(() => new Set(bought()).size, { timeout: 60_000, interval: 5 }).toBe(2);
        (bought().at(-1) === 'ann' ? ann : bob).kill('SIGKILL');
        await worker('cid', 'all');
      }
      const { outcome, output } = await handle.result();
      expect(outcome).toBe('completed');
      // All together wanted more than there was.
      expect(CHILDREN * EACH).toBeGreaterThan(MONEY);
      // A call of which nothing came back stays charged: then less was bought.
      expect(bought().length).toBeLessThanOrEqual(MONEY);
      if (!kills) expect([bought().length, output]).toEqual([MONEY, MONEY]);
      const claims = (await store.list({ limit: 100 })).filter(({ stream }) => stream.startsWith(handle.run));
      expect(claims).toHaveLength(CHILDREN + 1);
      const owners: string[] = [];
      for (const { stream } of claims)
        for (const event of await eventsOf(store, stream)) if (event.type === 'run.claimed') owners.push(event.worker);
      // Each knows the buyers of one kind: none of the two can have carried all of them.
      expect(owners).toEqual(expect.arrayContaining(['ann', 'bob']));
    },
  );
});
