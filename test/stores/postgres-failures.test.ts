/** A PostgreSQL store through crashes of the server, lost connections, deaths and pauses of workers. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres, whyNoPostgres, type PostgresServer } from '../../src/lab/servers/postgres.ts';
import { claimOf, journal, soon } from '../../src/ports/store/contract/kit.ts';
import type { AppendResult, Membership } from '../../src/ports/store/port.ts';
import { createPostgresStore, type PostgresStoreOptions } from '../../src/ports/store/postgres.ts';
import { createRelay } from '../../src/lab/servers/relay.ts';
import { runSql } from '../../src/lab/servers/sql.ts';

const why = await whyNoPostgres();
if (why !== null) console.warn(`the PostgreSQL store is not tested in trouble: ${why}`);

let server: PostgresServer;
let count = 0;
beforeAll(async () => {
  if (why === null) server = await startPostgres();
}, 60_000);
afterAll(() => server?.close());

function fresh(more: Partial<PostgresStoreOptions> = {}): Promise<PostgresStoreOptions & { schema: string }> {
  return Promise.resolve({
    url: server.url,
    schema: `failures_${count++}`,
    leaseMs: 60_000,
    commitTimeoutMs: 1500,
    connectTimeoutMs: 500,
    pollMs: 50,
    ...more,
  });
}

/** Commits until it is acknowledged or lost; tells how often it was thrown back. */
async function persist(
  member: Membership,
  append: ReturnType<ReturnType<typeof journal>['next']>,
  codes: Set<string>,
): Promise<AppendResult> {
  for (;;) {
    try {
      const [result] = await member.commit([append], true);
      return result!;
    } catch (error) {
      codes.add((error as { code: string }).code);
      await new Promise((wake) => setTimeout(wake, 20));
    }
  }
}

async function contiguous(url: string, schema: string): Promise<number> {
  const rows = await runSql<{ bad: string; all: string }>(
    url,
    `select count(*) as all, count(*) filter (where seq <> before) as bad from (
       select seq, coalesce(lag(seq + count) over (partition by stream order by seq), 0) as before from ${schema}.records) x`,
  );
  expect(Number(rows[0]!.bad)).toBe(0);
  const heads = await runSql(
    url,
    `select s.stream from ${schema}.streams s left join (select stream, max(seq + count) as head from ${schema}.records group by stream) r using (stream) where s.head <> coalesce(r.head, 0)`,
  );
  expect(heads).toEqual([]);
  return Number(rows[0]!.all);
}

describe.skipIf(why !== null)('postgres store in trouble', () => {
  test('all connections are cut again and again under every kind of work: only `unreachable` comes out', async () => {
    const options = await fresh();
    const dir = await mkdtemp(join(tmpdir(), 'skein-cuts-'));
    const store = await createPostgresStore(options);
    const member = await store.join('w1');
    const run = journal('run-1');
    await member.commit([run.create()], true);
    await member.commit(
      Array.from({ length: 500 }, () => run.next()),
      true,
    );
    const done = new Map<string, number>();
    const codes = new Set<string>();
    const stopping = new AbortController();
    const again = async (name: string, work: (i: number) => Promise<unknown>): Promise<void> => {
      for (let i = 0; !stopping.signal.aborted; i++) {
        await work(i).then(
          () => done.set(name, (done.get(name) ?? 0) + 1),
          (error: { code: string }) => codes.add(error.code),
        );
      }
    };
    const works = [
      again('commit', () => persist(member, run.next(), codes)),
      again('claim', () => member.claim(claimOf())),
      again('due', () => member.due(1, 9)),
      again('next', () => member.nextDueMs()),
      again('read', () => store.read('run-1', { limit: 50 })),
      again('erase', (i) => store.erase('run-1', [i % 500])),
      again('post', (i) => store.post([{ to: 'run-1', id: `m${i}`, dueMs: 0, body: '{}' }])),
      again('backup', (i) => store.backup(join(dir, `copy${i}`))),
      again('copy', (i) => store.backup(`schema:${options.schema}_copy${i}`)),
      again('workers', () => store.workers()),
    ];
    for (let i = 0; i < 40; i++) {
      await new Promise((wake) => setTimeout(wake, 10 + ((i * 37) % 90)));
      await runSql(
        server.url,
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'skein' and pid <> pg_backend_pid()`,
      );
    }
    expect(await soon(() => done.size === works.length, 10_000)).toBe(true);
    stopping.abort();
    await Promise.all(works);
    expect([...codes]).toEqual(['store.unreachable']);
    expect([...done.keys()].sort()).toEqual([
      'backup',
      'claim',
      'commit',
      'copy',
      'due',
      'erase',
      'next',
      'post',
      'read',
      'workers',
    ]);
    expect((await store.info('run-1'))?.head).toBe(run.head);
    expect(await contiguous(server.url, options.schema)).toBe(run.head);
    await store.close();
    await rm(dir, { recursive: true });
  }, 60_000);

  test('the server is killed and started again mid-commits: what was acknowledged is there, once', async () => {
    const options = await fresh();
    const store = await createPostgresStore(options);
    const member = await store.join('w1');
    const codes = new Set<string>();
    const acknowledged = new Map<string, number>();
    const stopping = new AbortController();
    const writers = Array.from({ length: 8 }, async (_, i) => {
      const run = journal(`run-${i}`);
      let first = true;
      while (!stopping.signal.aborted) {
        const append = first ? run.create() : run.next();
        first = false;
        const result = await persist(member, append, codes);
        // A commit whose answer was lost is told by the head it made.
        if (!result.ok) expect(result.why === 'exists' || result.why === 'head' ? result.head : -1).toBe(run.head);
        acknowledged.set(run.stream, run.head);
      }
    });
    for (let i = 0; i < 3; i++) {
      await new Promise((wake) => setTimeout(wake, 300));
      await server.kill();
      await new Promise((wake) => setTimeout(wake, 100));
      await server.start();
    }
    await new Promise((wake) => setTimeout(wake, 500));
    stopping.abort();
    await Promise.all(writers);
    expect([...codes]).toEqual(['store.unreachable']);
    for (const [stream, head] of acknowledged) expect((await store.info(stream))?.head).toBe(head);
    expect(await contiguous(server.url, options.schema)).toBeGreaterThan(100);
    expect((await store.workers()).map((w) => w.alive)).toEqual([true]);
    await store.close();
  }, 60_000);

  test('a restart of the server frees locks, but is no proof of death', async () => {
    const options = await fresh();
    const store = await createPostgresStore(options);
    const member = await store.join('w1');
    await member.commit([journal('run-1').create()], true);
    await server.stop();
    await server.start();
    const other = await createPostgresStore({ ...options, leaseMs: 60_000 });
    const second = await other.join('w2');
    expect(await second.claim(claimOf())).toEqual([]);
    expect(await soon(async () => (await other.workers()).every((w) => w.alive))).toBe(true);
    await Promise.all([store.close(), other.close()]);
  }, 30_000);

  test('one lost connection of two costs a worker nothing', async () => {
    const options = await fresh();
    const store = await createPostgresStore(options);
    const other = await createPostgresStore(options);
    const member = await store.join('w1');
    const second = await other.join('w2');
    const run = journal('run-1');
    await member.commit([run.create()], true);
    const backends = await runSql<{ pid: number }>(
      server.url,
      `select pid from pg_locks where locktype = 'advisory' and mode = 'ShareLock' and objid = (select member from ${options.schema}.members where worker = 'w1')`,
    );
    expect(backends.length).toBe(2);
    for (const { pid } of backends) {
      await runSql(server.url, `select pg_terminate_backend(${pid})`);
      expect(await second.claim(claimOf())).toEqual([]);
      expect(
        await soon(
          async () =>
            (
              await runSql(
                server.url,
                `select from pg_locks where locktype = 'advisory' and mode = 'ShareLock' and objid = (select member from ${options.schema}.members where worker = 'w1')`,
              )
            ).length === 2,
        ),
      ).toBe(true);
    }
    expect(await member.commit([run.next()], true)).toEqual([{ ok: true }]);
    await Promise.all([store.close(), other.close()]);
  }, 30_000);

  test('the way is cut in silence: commits end at the limit; after the lease another goes on; the one cut off can append nothing', async () => {
    const relay = await createRelay(server.port);
    const options = await fresh({ leaseMs: 1500, commitTimeoutMs: 600 });
    const cutOff = await createPostgresStore({
      ...options,
      url: server.url.replace(`:${server.port}`, `:${relay.port}`),
    });
    const other = await createPostgresStore(options);
    const member = await cutOff.join('w1');
    const second = await other.join('w2');
    const run = journal('run-1');
    await member.commit([run.create()], true);
    relay.cut();
    const late = run.next();
    const began = performance.now();
    await expect(member.commit([late], true)).rejects.toMatchObject({ code: 'store.unreachable', retry: 'same' });
    // The driver by itself would wait for ever.
    expect(performance.now() - began).toBeLessThan(10_000);
    let claimed: { epoch: number; head: number }[] = [];
    expect(await soon(async () => (claimed = await second.claim(claimOf())).length === 1, 5000)).toBe(true);
    expect(claimed[0]?.epoch).toBe(2);
    relay.heal();
    const result = await persist(member, late, new Set());
    expect(result).toMatchObject({ ok: false, why: 'epoch', epoch: 2 });
    expect(await soon(async () => (await other.workers()).every((w) => w.alive))).toBe(true);
    expect(await contiguous(server.url, options.schema)).toBe(1);
    await Promise.all([cutOff.close(), other.close()]);
    await relay.close();
  }, 30_000);

  test('an acknowledgement is lost: trying again loses with the head that it made', async () => {
    const relay = await createRelay(server.port);
    const options = await fresh({ commitTimeoutMs: 500 });
    const store = await createPostgresStore({
      ...options,
      url: server.url.replace(`:${server.port}`, `:${relay.port}`),
    });
    const member = await store.join('w1');
    const run = journal('run-1');
    await member.commit([run.create()], true);
    const append = run.next();
    relay.cutAnswers();
    await expect(member.commit([append], true)).rejects.toMatchObject({ code: 'store.unreachable' });
    relay.heal();
    expect(await persist(member, append, new Set())).toEqual({ ok: false, why: 'head', head: 2, epoch: 1 });
    await store.close();
    await relay.close();
  }, 30_000);

  test('10,000 appends from two connections, interleaved on the same streams: each is contiguous', async () => {
    const options = await fresh();
    const stores = [await createPostgresStore(options), await createPostgresStore(options)];
    const members = await Promise.all(stores.map((store, i) => store.join(`w${i}`)));
    const streams = Array.from({ length: 20 }, (_, i) => `run-${i}`);
    await members[0]!.commit(
      streams.map((id) => journal(id).create()),
      true,
    );
    const won = { all: 0, lost: 0 };
    await Promise.all(
      members.map(async (member, m) => {
        const heads = new Map(streams.map((id) => [id, 1]));
        for (let i = 0; i < 500; i++) {
          // Ten streams a group, in opposite orders: a lock order of its own would deadlock.
          const picked = Array.from({ length: 10 }, (_, k) => streams[(i + (m === 0 ? k : 9 - k)) % 20]!);
          const results = await member.commit(
            picked.map((id) => journal(id, { head: heads.get(id)! }).next()),
            i % 3 === 0,
          );
          results.forEach((result, k) => {
            const id = picked[k]!;
            if (result.ok) {
              won.all++;
              heads.set(id, heads.get(id)! + 1);
            } else {
              won.lost++;
              expect(result.why).toBe('head');
              heads.set(id, result.head);
            }
          });
        }
      }),
    );
    expect(won.all + won.lost).toBe(10_000);
    expect(await contiguous(server.url, options.schema)).toBe(won.all + 20);
    await Promise.all(stores.map((store) => store.close()));
  }, 60_000);
});

describe.skipIf(why !== null)('postgres workers as processes', () => {
  async function startWorker(
    options: PostgresStoreOptions,
    worker: string,
  ): Promise<ChildProcess & { say(text: string): Promise<Record<string, unknown>> }> {
    const child = fork(new URL('./worker.ts', import.meta.url), [JSON.stringify(options), worker], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
    });
    await once(child, 'message');
    return Object.assign(child, {
      async say(text: string) {
        child.send(text);
        return ((await once(child, 'message')) as [Record<string, unknown>])[0];
      },
    });
  }

  test('kill -9 of a worker: another has its streams at once, long before the lease', async () => {
    const options = await fresh();
    const store = await createPostgresStore(options);
    const second = await store.join('w2');
    const child = await startWorker(options, 'w1');
    await child.say('create run-1');
    expect(await second.claim(claimOf())).toEqual([]);
    child.kill('SIGKILL');
    const began = performance.now();
    let claimed: { epoch: number }[] = [];
    expect(await soon(async () => (claimed = await second.claim(claimOf())).length === 1)).toBe(true);
    expect(performance.now() - began).toBeLessThan(30_000);
    expect(claimed[0]?.epoch).toBe(2);
    await store.close();
  }, 30_000);

  test('a paused worker is taken over when its lease has run out; awake again it appends nothing, and lives', async () => {
    const options = await fresh({ leaseMs: 1000 });
    const store = await createPostgresStore(options);
    const second = await store.join('w2');
    const child = await startWorker(options, 'w1');
    await child.say('create run-1');
    child.kill('SIGSTOP');
    const began = performance.now();
    expect(await soon(async () => (await second.claim(claimOf())).length === 1, 6000)).toBe(true);
    expect(performance.now() - began).toBeGreaterThan(500);
    child.kill('SIGCONT');
    expect(await child.say('next run-1')).toMatchObject({ ok: false, why: 'epoch', epoch: 2 });
    expect(await soon(async () => (await store.workers()).every((w) => w.alive))).toBe(true);
    child.kill('SIGKILL');
    await store.close();
  }, 30_000);
});
