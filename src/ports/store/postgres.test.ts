/** The contract on a private PostgreSQL server, and what only this store does. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres, whyNoPostgres, type PostgresServer } from '../../lab/servers/postgres.ts';
import { runSql } from '../../lab/servers/sql.ts';
import { begun, claimOf, journal, letter, soon, won } from './contract/kit.ts';
import { missingFor, storeContract, type StoreLab } from './contract.ts';
import { openStore, type Store } from './index.ts';
import { restorePostgres } from './postgres-backup.ts';
import { createPostgresStore, type PostgresStore } from './postgres.ts';

const why = await whyNoPostgres();
if (why !== null) console.warn(`the PostgreSQL store is not tested: ${why}`);

let server: PostgresServer;
beforeAll(async () => {
  if (why === null) server = await startPostgres();
});
afterAll(() => server?.close());

let count = 0;
let schema = '';
const opened: Store[] = [];
afterEach(() => lab.close());

async function open(name: string): Promise<PostgresStore> {
  const store = await createPostgresStore({ url: server.url, schema: name, leaseMs: 60_000, pollMs: 60_000 });
  opened.push(store);
  return store;
}

const lab: StoreLab & { open(): Promise<PostgresStore> } = {
  open: () => open((schema = `contract_${count++}`)),
  again: () => open(schema),
  async kill(store, worker) {
    (store as PostgresStore).kill(worker);
    const dead = await soon(async () => (await store.workers()).every((w) => w.worker !== worker || !w.alive));
    if (!dead) throw new Error(`the server does not see that ${worker} died`);
  },
  async expire(_store, worker) {
    await runSql(
      server.url,
      `update ${schema}.members set lease_until = clock_timestamp(), lease_ms = 0 where worker = '${worker}'`,
    );
  },
  async restore(store) {
    await store.backup(`schema:${schema}_copy`);
    return open(`${schema}_copy`);
  },
  async close() {
    for (const store of opened.splice(0)) await store.close();
  },
};

describe.skipIf(why !== null)('postgres store', () => {
  test.for(storeContract)('$name', async (row, { skip }) => {
    skip(missingFor(row, lab).length > 0, `needs ${missingFor(row, lab).join()}`);
    await row.run(lab);
  });

  test('a file is a backup, too: restored it is the same store, with no living owner', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'skein-pg-backup-'));
    const file = join(dir, 'site.jsonl');
    const store = await lab.open();
    const { member, run } = await begun(store);
    await won(member, run.next({ send: [letter('run-1', 'odd "\\ \u0001 ☃')], snapshot: { seq: 1, state: '"s"' } }));
    for (let i = 0; i < 1200; i++) await member.commit([run.next()], false);
    await store.backup(file);
    await expect(store.backup(file)).rejects.toMatchObject({ code: 'conflict' });
    await restorePostgres({ url: server.url, schema: `${schema}_restored`, file });
    const copy = await open(`${schema}_restored`);
    expect(await copy.read('run-1')).toEqual(await store.read('run-1'));
    expect(await copy.letters('run-1')).toEqual(await store.letters('run-1'));
    expect(await copy.snapshot('run-1')).toEqual({ seq: 1, state: '"s"' });
    expect(await copy.markRestored(5)).toEqual(['run-1']);
    expect((await copy.info('run-1'))?.owner).toBe(null);
    await copy.post([letter('run-1', 'new')]);
    expect((await copy.letters('run-1')).at(-1)?.id).toBe('new');
    const whole = await readFile(file, 'utf8');
    await writeFile(file, whole.slice(0, whole.lastIndexOf('{"end"')));
    const restoring = restorePostgres({ url: server.url, schema: 'cut_short', file });
    await expect(restoring).rejects.toMatchObject({ code: 'store.corrupt' });
    await rm(dir, { recursive: true });
  });

  test('a store that was made before records had an order is given one, and keeps what it held', async () => {
    const store = await lab.open();
    const { member, run } = await begun(store);
    await won(member, run.next());
    await store.close();
    await runSql(server.url, `alter table ${schema}.records drop column n`);
    const again = await open(schema);
    const other = await again.join('w2');
    await won(other, journal('run-2').create());
    const names = async () => (await again.log({ from: 0, limit: 10 })).records.map(({ stream }) => stream);
    expect(await soon(async () => (await names()).length === 3)).toBe(true);
    expect(await names()).toEqual(['run-1', 'run-1', 'run-2']);
  });

  test("refuses a newer schema, a stranger's, and a name that is none", async () => {
    const store = await lab.open();
    await runSql(server.url, `update ${schema}.about set value = '99' where name = 'version'`);
    await expect(open(schema)).rejects.toMatchObject({ code: 'store.newer' });
    await runSql(server.url, `create schema stranger; create table stranger.about (x int)`);
    await expect(open('stranger')).rejects.toMatchObject({ code: 'store.foreign' });
    await runSql(server.url, `create schema other; create table other.things (x int)`);
    await expect(open('other')).rejects.toMatchObject({ code: 'store.foreign' });
    await expect(open('a"; drop schema x')).rejects.toMatchObject({ code: 'input.invalid' });
    await store.close();
  });

  test('many that open a new store at once make it once', async () => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => open('at_once')));
    await won(await stores[0]!.join('w1'), journal('run-1').create());
    expect((await stores[7]!.info('run-1'))?.head).toBe(1);
  });

  test('is opened by its address, with the schema in it, over TCP and over the socket', async () => {
    await begun(await lab.open());
    for (const url of [server.url, server.localUrl]) {
      const store = await openStore(`${url}${url.includes('?') ? '&' : '?'}schema=${schema}`);
      opened.push(store);
      expect((await store.info('run-1'))?.head).toBe(1);
    }
  });

  test('a server that is not there is unreachable, at once', async () => {
    const opening = createPostgresStore({ url: 'postgres://skein@127.0.0.1:1/postgres' });
    await expect(opening).rejects.toMatchObject({ code: 'store.unreachable', retry: 'same' });
    const unknown = createPostgresStore({
      url: server.url.replace('/postgres', '/nowhere').replace('nowhere://', 'postgres://'),
    });
    await expect(unknown).rejects.toMatchObject({ code: 'store.unreachable', retry: 'never' });
  });

  test('speaks TLS as the URL says, and knows a stranger by its certificate', async () => {
    const secure = await startPostgres({ tls: true });
    const open = (query: string) => createPostgresStore({ url: `${secure.url}?${query}` });
    try {
      for (const query of ['sslmode=require', 'sslmode=prefer', `sslmode=verify-ca&sslrootcert=${secure.certFile}`]) {
        const store = await open(query);
        const member = await store.join('w1');
        expect(await member.claim(claimOf())).toEqual([]);
        const tls = await runSql(
          `${secure.url}?sslmode=require`,
          `select ssl from pg_stat_ssl where pid = pg_backend_pid()`,
        );
        expect(tls).toEqual([{ ssl: true }]);
        store.kill('w1');
        await store.close();
      }
      await expect(open('sslmode=verify-full')).rejects.toMatchObject({ code: 'store.unreachable', retry: 'never' });
      const plain = createPostgresStore({ url: `${server.url}?sslmode=require` });
      await expect(plain).rejects.toMatchObject({ code: 'store.unreachable', retry: 'never' });
      await (await createPostgresStore({ url: `${server.url}?sslmode=prefer` })).close();
    } finally {
      await secure.close();
    }
  });

  test('what a member takes after its lease ran out and its row was swept is not lost with it', async () => {
    const store = await lab.open();
    const [late, heir] = [await store.join('late'), await store.join('heir')];
    await lab.expire!(store, 'late');
    expect(await heir.claim(claimOf())).toEqual([]);
    expect((await store.workers()).map(({ worker }) => worker)).toEqual(['heir']);
    // It wakes, makes a run and takes another, and dies before its next heartbeat.
    await won(late, journal('made').create());
    await won(heir, journal('given').create({ release: true, send: [letter('given', 'go')] }));
    expect((await late.claim(claimOf())).map(({ stream }) => stream)).toEqual(['given']);
    await lab.kill!(store, 'late');
    const taken = new Set<string>();
    const all = await soon(async () => {
      for (const { stream } of await heir.claim(claimOf())) taken.add(stream);
      return taken.size === 2;
    });
    expect([...taken].sort()).toEqual(['given', 'made']);
    expect(all).toBe(true);
  });

  test('letters that reached an ended stream are put aside, and are due again when it is opened again', async () => {
    const store = await lab.open();
    const { member, run } = await begun(store);
    await won(member, run.next({ status: 'ended', send: [letter('run-1', 'a')] }));
    await store.post([letter('run-1', 'b')]);
    expect(await member.claim(claimOf())).toEqual([]);
    const aside = () => runSql(server.url, `select id from ${schema}.letters where asleep order by id`);
    expect(await aside()).toEqual([{ id: 'a' }, { id: 'b' }]);
    await won(member, run.next({ status: 'open' }));
    expect(await aside()).toEqual([]);
    expect((await member.claim(claimOf())).map((info) => info.stream)).toEqual(['run-1']);
    expect((await member.due(claimOf().nowMs, 9)).map((l) => l.id)).toEqual(['a', 'b']);
  });
});
