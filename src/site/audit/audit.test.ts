import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createSeededChance } from '../../base/index.ts';
import { chainStart, decodeRecord, encodeRecord, type Event } from '../../model/index.ts';
import { createMemoryStore } from '../../ports/store/memory.ts';
import type { Membership, Store } from '../../ports/store/index.ts';
import { compactStream, createSiteKey, loadSiteKey, retainPayloads, signHead, verifyStream } from './index.ts';

const dir = mkdtempSync(join(tmpdir(), 'skein-audit-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const chance = createSeededChance('audit');
const by = { id: 'me', rights: [] };

async function append(
  store: Store,
  member: Membership,
  stream: string,
  at: number,
  events: Event[],
  ended = false,
): Promise<void> {
  const info = await store.info(stream);
  const record = encodeRecord(
    [{ at, in: 'signal', events }],
    info?.head ?? 0,
    info?.epoch ?? 1,
    info?.hash ?? chainStart(stream),
    chance,
  );
  const head = info?.head ?? 0;
  const create = info === null ? { needs: '', format: 1, meta: '', createdMs: at } : undefined;
  const [result] = await member.commit(
    [
      {
        stream,
        epoch: info?.epoch ?? 1,
        expectedHead: head,
        record,
        create,
        status: ended ? 'ended' : undefined,
        snapshot: { seq: head + events.length, state: `"${head}"` },
      },
    ],
    true,
  );
  expect(result).toEqual({ ok: true });
}
const said = (data?: string): Event => ({
  type: 'signal.received',
  signal: 's',
  id: 'i',
  by,
  ...(data === undefined ? {} : { data }),
});

describe('the site key', () => {
  test('is made once, readable by its owner alone, and loaded again', () => {
    const path = join(dir, 'keys', 'site.key');
    const made = loadSiteKey(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(dir, 'keys'))).toEqual(['site.key']);
    const loaded = loadSiteKey(path);
    expect(loaded.publicKey).toBe(made.publicKey);
    expect(loaded.sign('x')).toBe(made.sign('x'));
    expect(Buffer.from(made.publicKey, 'base64url').length).toBe(32);
  });
  test('is refused when others may read it, or when it is no key', () => {
    const open = join(dir, 'open.key');
    writeFileSync(open, createSiteKey().pem, { mode: 0o600 });
    chmodSync(open, 0o644);
    expect(() => loadSiteKey(open)).toThrow(/chmod 600/);
    const junk = join(dir, 'junk.key');
    writeFileSync(junk, 'no key', { mode: 0o600 });
    expect(() => loadSiteKey(junk)).toThrow(/no Ed25519 key/);
  });
});

describe('audit', () => {
  test('a signed head holds for what grew on it, and shows what was cut or written anew', async () => {
    const store = createMemoryStore();
    const member = await store.join('w');
    const { key } = createSiteKey();
    for (let i = 0; i < 5; i++) await append(store, member, 'run', i, [said('a'), said()]);
    const signedHead = await signHead(store, 'run', key, 9);
    await append(store, member, 'run', 9, [said('b')]);
    const publicKey = key.publicKey;
    expect(await verifyStream(store, 'run', { signedHead, publicKey })).toEqual([]);
    const kinds = async (options: object) => (await verifyStream(store, 'run', options)).map((f) => f.kind);
    expect(await kinds({ signedHead: { ...signedHead, seq: 4 }, publicKey })).toEqual(['signature']);
    expect(await kinds({ signedHead, publicKey: createSiteKey().key.publicKey })).toEqual(['signature']);
    const other = createMemoryStore();
    const second = await other.join('w');
    for (let i = 0; i < 4; i++) await append(other, second, 'run', i, [said('a'), said()]);
    expect((await verifyStream(other, 'run')).length).toBe(0);
    expect((await verifyStream(other, 'run', { signedHead, publicKey })).map((f) => f.kind)).toEqual(['truncated']);
    await append(other, second, 'run', 5, [said('z'), said()]);
    expect((await verifyStream(other, 'run', { signedHead, publicKey })).map((f) => f.kind)).toEqual(['rewritten']);
    expect((await verifyStream(createMemoryStore(), 'run', { signedHead, publicKey })).map((f) => f.kind)).toEqual([
      'missing',
    ]);
  });

  test('the chain goes on over a compaction; a second one takes the place of the first', async () => {
    const store = createMemoryStore();
    const member = await store.join('w');
    const { key } = createSiteKey();
    const signedHeads = [];
    await append(store, member, 'run', 1, [said('a')]);
    signedHeads.push(await signHead(store, 'run', key, 1));
    await append(store, member, 'run', 2, [said('b')]);
    signedHeads.push(await signHead(store, 'run', key, 2));
    const first = await compactStream(store, 'run', key, 3);
    expect(first.seq).toBe(2);
    await expect(compactStream(store, 'run', key, 3)).rejects.toThrow(/no record ends or all before is compacted/);
    await append(store, member, 'run', 4, [said('c')]);
    signedHeads.push(await signHead(store, 'run', key, 4));
    for (const signedHead of signedHeads)
      expect(await verifyStream(store, 'run', { signedHead, publicKey: key.publicKey })).toEqual([]);
    expect((await compactStream(store, 'run', key, 5)).seq).toBe(3);
    expect(await store.read('run')).toEqual([]);
    expect(await verifyStream(store, 'run', { publicKey: key.publicKey })).toEqual([]);
    expect((await verifyStream(store, 'run', { publicKey: createSiteKey().key.publicKey })).map((f) => f.kind)).toEqual(
      ['signature'],
    );
  });

  test('retention journals, then erases; the audit knows erased from lost', async () => {
    const store = createMemoryStore();
    const member = await store.join('w');
    for (const run of ['old', 'new', 'open']) {
      for (let i = 0; i < 3; i++)
        await append(
          store,
          member,
          run,
          (run === 'new' ? 5000 : 1000) + i,
          [said(`${run} ${i}`), said()],
          run !== 'open' && i === 2,
        );
    }
    const order: string[] = [];
    const journal = async (stream: string, seqs: number[]): Promise<void> => {
      order.push(`${stream} ${seqs.join()}`);
      await append(store, member, stream, 9000, [{ type: 'payload.erased', seqs, by, reason: 'retention' }]);
    };
    expect(await retainPayloads(store, { beforeMs: 1002 }, journal)).toEqual([{ stream: 'old', payloads: 2 }]);
    expect(order).toEqual(['old 0,2']);
    expect(await verifyStream(store, 'old')).toEqual([]);
    expect(JSON.stringify(await store.read('old'))).not.toContain('old 1');
    expect(JSON.stringify((await store.read('old')).flatMap(decodeRecord))).toContain('old 2');
    expect(await retainPayloads(store, { beforeMs: 1002 }, journal)).toEqual([]);
    expect(await retainPayloads(store, { beforeMs: 9000, of: 'all', prefix: 'op' }, journal)).toEqual([
      { stream: 'open', payloads: 3 },
    ]);
    await store.erase('new', [0]);
    expect(await verifyStream(store, 'new')).toMatchObject([{ kind: 'payload-gone', seq: 0 }]);
    await append(store, member, 'new', 9000, [{ type: 'payload.erased', seqs: [0, 2], by, reason: 'half done' }]);
    expect(await verifyStream(store, 'new')).toMatchObject([{ kind: 'payload-left', seq: 2 }]);
  });
});
