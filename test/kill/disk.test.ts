/**
 * The disk fails under a working site: it fills up, or turns read-only. The site says so, promises
 * nothing that is not written, and goes on by itself when it can. Needs root, for file systems of its own.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { errand, expectedEffects, expectedOutput, workflows } from '../../src/lab/kill/flows.ts';
import { createSqliteStore } from '../../src/ports/store/sqlite.ts';
import { verifyStream } from '../../src/site/audit/index.ts';
import { openSite, type RunHandle, type Site } from '../../src/site/site.ts';
import { localAgents } from './local.ts';

const isRoot = process.getuid?.() === 0;
const shell = (command: string, ...args: string[]): string => execFileSync(command, args, { stdio: 'pipe' }).toString();

let dir: string;
const undo: (() => void)[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'skein-disk-'));
  mkdirSync(join(dir, 'disk'));
});
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step();
  rmSync(dir, { recursive: true, force: true });
});

interface Work {
  site: Site;
  troubles: (string | undefined)[];
  done: Map<string, Set<string>>;
  /** Runs whose start was acknowledged. */
  acknowledged: Map<number, RunHandle<unknown>>;
  /** Starts errands until `enough`, without waiting for answers; resolves when all were answered. */
  start(enough: () => boolean): Promise<{ answered: Promise<unknown> }>;
  close(): Promise<void>;
}

async function work(from: number): Promise<Work> {
  const store = createSqliteStore({ path: join(dir, 'disk', 'site.db'), growLogMb: 0, checkpointMb: 1 });
  const { agents, done } = localAgents();
  const troubles: (string | undefined)[] = [];
  const site = await openSite({
    store,
    workflows,
    agents,
    evictAfterMs: 50,
    onTrouble: (_, fault) => troubles.push(fault?.code),
  });
  const acknowledged = new Map<number, RunHandle<unknown>>();
  let next = from;
  return {
    site,
    troubles,
    done,
    acknowledged,
    async start(enough) {
      const answers: Promise<unknown>[] = [];
      while (!enough()) {
        const n = next++;
        answers.push(
          site
            .start(errand, { n }, { id: `errand-${n}` })
            .then((handle) => acknowledged.set(n, handle))
            .catch(() => {}),
        );
        await sleep(2);
      }
      return { answered: Promise.all(answers) };
    },
    async close() {
      await site.stop({ graceMs: 200 });
      await store.close();
    },
  };
}

async function finish({ site, acknowledged, done }: Work): Promise<void> {
  for (const n of acknowledged.keys()) await site.signal(`errand-${n}`, 'word', `word ${n}`, { id: `word-${n}` });
  for (const [n, handle] of acknowledged) {
    expect(await handle.output()).toEqual(expectedOutput({ n }));
    expect(await verifyStream(site.store, `errand-${n}`)).toEqual([]);
  }
  expect([...done].filter(([, keys]) => keys.size !== 1)).toEqual([]);
  const effects = [...acknowledged.keys()].reduce((sum, n) => sum + expectedEffects({ n }), 0);
  expect(done.size).toBe(effects);
}

/** Leaves no byte free; returns what frees it again. */
function fillUp(): () => void {
  const ballast = join(dir, 'disk', 'ballast');
  const fd = openSync(ballast, 'w');
  for (const size of [1 << 16, 1 << 12, 1]) {
    const block = Buffer.alloc(size);
    try {
      for (;;) writeSync(fd, block);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  return () => {
    ftruncateSync(fd);
    closeSync(fd);
    rmSync(ballast);
  };
}

test.skipIf(!isRoot)(
  'a full disk: trouble is told, what was acknowledged stays, and all goes on when there is room',
  { timeout: 60_000 },
  async () => {
    shell('mount', '-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', join(dir, 'disk'));
    undo.push(() => shell('umount', '-l', join(dir, 'disk')));
    const here = await work(0);
    const { site, troubles, acknowledged, start } = here;
    const first = await start(() => acknowledged.size >= 5);
    await first.answered;
    const free = fillUp();
    // The log may have room left in its own file; then comes the first commit that has none.
    const second = await start(() => troubles.includes('store.full'));
    expect(troubles[0]).toBe('store.full');
    expect(site.worker.trouble?.code).toBe('store.full');
    const before = new Set(acknowledged.keys());
    await sleep(1200);
    expect(new Set(acknowledged.keys())).toEqual(before);
    for (const n of before) expect((await site.store.info(`errand-${n}`))?.head).toBeGreaterThan(0);
    // Told once for as long as it lasts.
    expect(troubles.filter((code) => code === 'store.full').length).toBeLessThan(100);
    free();
    await second.answered;
    expect(acknowledged.size).toBeGreaterThan(before.size);
    expect(site.worker.trouble).toBe(undefined);
    await finish(here);
    expect(new Set(troubles)).toEqual(new Set(['store.full', undefined]));
    await here.close();
  },
);

const canBreak = isRoot && existsSync('/sys/fs/ext4') && existsSync('/dev/loop-control');

test.skipIf(!canBreak)(
  'a disk that turns read-only under a working site: trouble is told; on a healthy one all goes on',
  { timeout: 60_000 },
  async () => {
    const image = join(dir, 'image');
    const disk = join(dir, 'disk');
    writeFileSync(image, '');
    shell('truncate', '-s', '64M', image);
    shell('mkfs.ext4', '-q', '-F', '-O', '^has_journal', image);
    const mount = (): void => void shell('mount', '-o', 'loop,errors=remount-ro', image, disk);
    mount();
    undo.push(() => shell('umount', '-l', disk));
    const here = await work(0);
    const { answered } = await here.start(() => here.acknowledged.size >= 8);
    const device = basename(shell('findmnt', '-no', 'SOURCE', disk).trim());
    writeFileSync(`/sys/fs/ext4/${device}/trigger_fs_error`, 'a test');
    while (here.site.worker.trouble === undefined) await sleep(5);
    expect(['store.read-only', 'store.io']).toContain(here.site.worker.trouble.code);
    const promised = [...here.acknowledged.keys()];
    expect(promised.length).toBeGreaterThanOrEqual(8);
    await here.close();
    await answered;
    shell('umount', disk);
    try {
      shell('e2fsck', '-p', '-f', image);
    } catch {
      // 1: it has mended something.
    }
    mount();
    const again = await work(100);
    // Effects of before the trouble are at the same sink, and count once.
    for (const [what, keys] of here.done) again.done.set(what, keys);
    for (const n of promised) again.acknowledged.set(n, again.site.handle(`errand-${n}`));
    const open = (await again.site.store.list({ limit: 500 })).map(({ stream }) => stream);
    for (const n of promised) expect(open).toContain(`errand-${n}`);
    for (const run of open.filter((id) => /^errand-\d+$/.test(id))) {
      const n = Number(run.slice('errand-'.length));
      again.acknowledged.set(n, again.site.handle(run));
    }
    await finish(again);
    await again.close();
  },
);
