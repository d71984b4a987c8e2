/** Keys come from what users hand in: titles cut to a length, lines of files. Whatever they hold, the store can hold what is made of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workflow } from '../author/index.ts';
import { replay } from './replay.ts';
import { openSite } from './site.ts';

test('a map by keys cut through a character, or with NUL, has child runs and waits on disk like any other', async () => {
  const keys = ['a\ud83c', 'a\ud83d', 'a\0b', 'a'];
  const kid = workflow<string, string>('kid', async (run, key) => {
    await run.wait('a moment', { ms: 5 });
    return key;
  });
  const map = workflow<string[], string[]>('map', (run, items) =>
    run.map('m', items, { itemKey: (key) => key }, async (key, one) => {
      await one.wait('a moment', { ms: 5 });
      return one.workflow(kid, key);
    }),
  );
  const folder = mkdtempSync(join(tmpdir(), 'skein-keys-'));
  const site = await openSite({ store: join(folder, 'keys.db'), workflows: [kid, map] });
  const { run } = await site.start(map, keys);
  expect(await site.handle(run).output()).toEqual(keys);
  expect(await replay(site.store, run)).toMatchObject({ equal: true });
  expect((await site.runs({ limit: 9 })).runs).toHaveLength(5);
  await site.stop();
  rmSync(folder, { recursive: true });
});
