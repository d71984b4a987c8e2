/** Two workers at two addresses on one PostgreSQL server: whatever happens to one, every run goes on, once. */
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createNetwork, whyNoNetwork, type Network } from '../../src/lab/servers/netns.ts';
import { startPostgres, whyNoPostgres, type PostgresServer } from '../../src/lab/servers/postgres.ts';
import { runSql } from '../../src/lab/servers/sql.ts';
import { journal, letter } from '../../src/ports/store/contract/kit.ts';
import { createPostgresStore, type PostgresStore } from '../../src/ports/store/postgres.ts';
import { RUNS, STEPS } from './worker.ts';

const why = (await whyNoPostgres()) ?? (await whyNoNetwork());
if (why !== null) console.warn(`workers on several addresses are not tested: ${why}`);

const LEASE_MS = 1500;
type Node = 'server' | 'a' | 'b';

let network: Network<Node>;
let server: PostgresServer;
beforeAll(async () => {
  if (why !== null) return;
  network = await createNetwork(['server', 'a', 'b']);
  const { namespace, address } = network.nodes.server;
  server = await startPostgres({ namespace, address, trust: `${address.replace(/\d+$/, '0')}/24` });
});
afterAll(async () => {
  await server?.close();
  await network?.close();
});

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

let count = 0;

interface Scene {
  schema: string;
  store: PostgresStore;
  workers: Record<'a' | 'b', ChildProcess>;
  /** Waits until this many records are there. */
  until(records: number): Promise<void>;
  /** Waits until all runs have ended; how long that took. */
  finished(): Promise<number>;
  /** Records of runs, by the worker's epoch: how many runs changed hands. */
  moved(): Promise<number>;
  alive(): Promise<string[]>;
  close(): Promise<void>;
}

async function scene(): Promise<Scene> {
  const schema = `network_${count++}`;
  const store = await createPostgresStore({ url: server.localUrl, schema });
  const boot = await store.join('boot');
  const ids = Array.from({ length: RUNS }, (_, i) => `run-${i}`);
  await boot.commit(
    ids.map((id) => journal(id).create({ release: true, send: [letter(id, 'go')] })),
    true,
  );
  await boot.leave();
  const start = async (name: 'a' | 'b'): Promise<ChildProcess> => {
    const options = { url: server.url, schema, leaseMs: LEASE_MS, commitTimeoutMs: 500, connectTimeoutMs: 300 };
    const child = network.nodes[name].spawn(
      process.execPath,
      [join(import.meta.dirname, 'worker.ts'), JSON.stringify(options), name, 'drive'],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    started.push(child);
    const ended = once(child, 'exit').then(([code]) =>
      Promise.reject(new Error(`the worker ended with ${String(code)}`)),
    );
    await Promise.race([once(child.stdout!, 'data'), ended]);
    ended.catch(() => {});
    return child;
  };
  const records = async (): Promise<number> =>
    Number((await runSql(server.localUrl, `select count(*) as n from ${schema}.records`))[0]!['n']);
  const [a, b] = await Promise.all([start('a'), start('b')]);
  return {
    schema,
    store,
    workers: { a, b },
    async until(wanted) {
      while ((await records()) < wanted) await sleep(10);
    },
    async finished() {
      const began = performance.now();
      while ((await store.list({ status: 'open', limit: 1 })).length > 0) await sleep(20);
      return performance.now() - began;
    },
    async moved() {
      const rows = await runSql(server.localUrl, `select count(*) as n from ${schema}.streams where epoch > 2`);
      return Number(rows[0]!['n']);
    },
    alive: async () =>
      (await store.workers())
        .filter((w) => w.alive)
        .map((w) => w.worker)
        .sort(),
    async close() {
      for (const child of [a, b]) child.kill('SIGKILL');
      // Exactly once: every run has every step, one record each, one after another.
      const steps = Array.from({ length: STEPS }, (_, i) => i);
      for (const id of ids) expect((await store.read(id)).map((record) => record.seq)).toEqual(steps);
      await store.close();
    },
  };
}

describe.skipIf(why !== null)('two workers at two addresses', () => {
  test('both work; one is killed: the other goes on at once', async () => {
    const { workers, until, finished, moved, alive, close } = await scene();
    await until(RUNS * 8);
    workers.a.kill('SIGKILL');
    expect(await finished()).toBeLessThan(LEASE_MS * 2);
    expect(await moved()).toBeGreaterThan(0);
    expect(await alive()).toEqual(['b']);
    await close();
  });

  test('one is cut off: its runs go on after its lease; healed, it is a worker again', async () => {
    const { until, finished, moved, alive, close } = await scene();
    await until(RUNS * 8);
    await network.cut('a');
    await finished();
    expect(await moved()).toBeGreaterThan(0);
    expect(await alive()).toEqual(['b']);
    await network.heal('a');
    while ((await alive()).length < 2) await sleep(20);
    await close();
  });

  test('what the server answers to one is lost', async () => {
    const { until, finished, moved, close } = await scene();
    await until(RUNS * 8);
    await network.cutWay('server', 'a');
    await finished();
    expect(await moved()).toBeGreaterThan(0);
    await network.heal('a');
    await close();
  });

  test('one is paused past its lease and wakes up again', async () => {
    const { workers, until, finished, moved, alive, close } = await scene();
    await until(RUNS * 8);
    workers.a.kill('SIGSTOP');
    await finished();
    expect(await moved()).toBeGreaterThan(0);
    workers.a.kill('SIGCONT');
    while ((await alive()).length < 2) await sleep(20);
    await close();
  });

  test('the server is killed and started again: both go on, nobody loses a run', async () => {
    const { until, finished, moved, alive, close } = await scene();
    await until(RUNS * 8);
    await server.kill();
    await sleep(LEASE_MS * 1.5);
    await server.start();
    await finished();
    expect(await moved()).toBe(0);
    expect(await alive()).toEqual(['a', 'b']);
    await close();
  });

  test('one comes and goes ten times: no run stops, none is worked twice', async () => {
    const { until, finished, close } = await scene();
    for (let i = 1; i <= 10; i++) {
      await until(RUNS * STEPS * (i / 14));
      await network.cut('a');
      await sleep(i % 2 ? 100 : 700);
      await network.heal('a');
    }
    await finished();
    await close();
  });
});
