import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifyStream } from '../../site/audit/index.ts';
import { claimOf, journal, letter, soon } from './contract/kit.ts';
import { type Bench, createBench } from './fixtures/kit.ts';

const hasStrace = (() => {
  try {
    return execFileSync('strace', ['-V']).length > 0;
  } catch {
    return false;
  }
})();

describe('sqlite store, several processes', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = createBench();
  });
  afterEach(() => bench.close());

  test('kill -9 of an owner: its streams are claimed at once', { timeout: 20_000 }, async () => {
    const child = bench.run('owner.ts', '100');
    expect(await child.line()).toBe('ready');
    const store = bench.open();
    const member = await store.join('heir');
    expect(await member.claim(claimOf())).toEqual([]);
    expect((await store.workers()).map((w) => [w.worker, w.alive])).toEqual([
      ['owner', true],
      ['heir', true],
    ]);
    child.process.kill('SIGKILL');
    await child.exit;
    const dead = performance.now();
    const claimed = await member.claim(claimOf({ limit: 1000 }));
    const tookMs = performance.now() - dead;
    expect(claimed.length).toBe(100);
    expect(claimed.every((c) => c.epoch === 2 && c.owner === 'heir')).toBe(true);
    console.log(`takeover of 100 streams ${tookMs.toFixed(1)} ms after the process was gone`);
    expect((await store.workers()).map((w) => w.worker)).toEqual(['heir']);
    expect(readdirSync(`${bench.path}.workers`).length).toBe(1);
  });

  test('a stopped owner is taken over when its time is up, and fenced when it wakes', { timeout: 20_000 }, async () => {
    const child = bench.run('owner.ts', '3', '400');
    expect(await child.line()).toBe('ready');
    expect(await child.line()).toBe('{"ok":true}');
    const store = bench.open({ pausedAfterMs: 400 });
    const member = await store.join('heir');
    await new Promise((go) => setTimeout(go, 600));
    expect(await member.claim(claimOf())).toEqual([]);
    child.process.kill('SIGSTOP');
    let claimed: string[] = [];
    expect(await soon(async () => (claimed = (await member.claim(claimOf())).map((c) => c.stream)).length > 0)).toBe(
      true,
    );
    expect(claimed).toEqual(['run-0', 'run-1', 'run-2']);
    child.process.kill('SIGCONT');
    expect(await child.line()).toBe('{"ok":false,"why":"epoch","head":1,"epoch":2}');
  });

  test('kill -9 in the midst of commits: all that was acknowledged is there', { timeout: 30_000 }, async () => {
    for (let round = 0; round < 5; round++) {
      const path = `${bench.path}.${round}`;
      const child = bench.runAt(path, 'writer.ts', 'forever');
      let last = '';
      const lines = (async () => {
        for (;;) last = await child.line();
      })().catch(() => {});
      await soon(() => last.includes(' '), 5000);
      await new Promise((go) => setTimeout(go, 100 + round * 37));
      child.process.kill('SIGKILL');
      await Promise.all([child.exit, lines]);
      const [head, hash] = last.split(' ');
      const store = bench.open({ path });
      const records = await store.read('run');
      expect(records.find((r) => r.seq + r.count === Number(head))?.hash).toBe(hash);
      expect(await verifyStream(store, 'run')).toEqual([]);
      const member = await store.join('heir');
      const [info] = await member.claim(claimOf());
      const run = journal('run', { head: info!.head, hash: info!.hash, epoch: info!.epoch });
      expect(await member.commit([run.next()], true)).toEqual([{ ok: true }]);
    }
  });

  test.skipIf(!hasStrace)(
    'a barrier syncs, without one nothing is synced, and an empty barrier carries what was before',
    async () => {
      const trace = join(bench.dir, 'trace');
      const fixture = join(import.meta.dirname, 'fixtures', 'writer.ts');
      bench.shell(
        'strace',
        '-f',
        '-o',
        trace,
        '-e',
        'trace=fdatasync,fsync,write',
        process.execPath,
        fixture,
        bench.path,
        '10',
      );
      const counts: Record<string, number> = {};
      let part = 'before';
      for (const line of readFileSync(trace, 'utf8').split('\n')) {
        part = /write\(1, "begin ([a-z ]+)/.exec(line)?.[1] ?? (line.includes('write(1, "end') ? 'between' : part);
        if (/ f(data)?sync\(/.test(line)) counts[part] = (counts[part] ?? 0) + 1;
      }
      expect(counts).toMatchObject({ 'with barriers': 10, 'empty barrier': 1 });
      expect(counts.without).toBe(undefined);
    },
  );

  test('a letter from another process is heard of', { timeout: 20_000 }, async () => {
    const store = bench.open();
    const member = await store.join('reader');
    await member.commit([journal('run').create()], true);
    let heard = 0;
    member.watch(() => heard++);
    const other = bench.open();
    await other.post([letter('run', 'a')]);
    expect(await soon(() => heard > 0, 500)).toBe(true);
  });

  test('two busy writers share evenly, the log stays small, every journal is whole', { timeout: 30_000 }, async () => {
    const children = ['a', 'b'].map((name) => bench.run('hammer.ts', name, '2500', '50'));
    for (const child of children) expect(await child.line()).toBe('ready');
    const ends = (await Promise.all(children.map((c) => c.line()))).map(
      (line) => JSON.parse(line) as Record<string, number> & { heads: Record<string, number> },
    );
    await Promise.all(children.map((c) => c.exit));
    for (const { heads: _, ...end } of ends) console.log(JSON.stringify(end));
    const [a, b] = ends.map((e) => e.commits!);
    expect(Math.min(a!, b!) / Math.max(a!, b!)).toBeGreaterThan(0.4);
    if (existsSync(`${bench.path}-wal`)) expect(statSync(`${bench.path}-wal`).size).toBeLessThan(100 << 20);
    const store = bench.open();
    expect((await store.info('shared'))!.head).toBe(1 + ends[0]!.won! + ends[1]!.won!);
    for (const [stream, head] of [
      ...Object.entries(ends[0]!.heads),
      ...Object.entries(ends[1]!.heads),
      ['shared', undefined] as const,
    ]) {
      expect(await verifyStream(store, stream)).toEqual([]);
      if (head !== undefined) expect((await store.info(stream))!.head).toBe(head);
    }
  });
});
