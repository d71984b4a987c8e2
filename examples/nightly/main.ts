/**
 * A nightly batch of 10,000 items, 100 at a time, under a budget of calls. The site is stopped in the middle and
 * another carries the batch on: no item that was settled is worked again.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { functionAgent, openSite, workflow } from '../../src/index.ts';
import { check, sleep } from '../check.ts';

const ITEMS = 10_000;
const dir = mkdtempSync(join(tmpdir(), 'skein-nightly-'));
const worked = new Map<string, number>();

const nightly = workflow('nightly', { budget: { calls: ITEMS + 500 } }, async (run, items: number) => {
  const names = Array.from({ length: items }, (_, i) => `item ${i}`);
  const sizes = await run.map('items', names, { itemKey: (name) => name, width: 100 }, (name, inner) =>
    inner.ask<number>('measure', name),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
});
const measurer = () =>
  functionAgent('measurer', {
    skills: {
      async measure(name: string) {
        worked.set(name, (worked.get(name) ?? 0) + 1);
        await sleep(1);
        return name.length;
      },
    },
  });

const open = () => openSite({ store: join(dir, 'site.db'), workflows: [nightly], agents: [measurer()] });
const began = performance.now();
const first = await open();
const { run } = await first.start(nightly, ITEMS);
while (worked.size < ITEMS / 3) await sleep(5);
await first.stop({ graceMs: 0 });
const before = worked.size;
const second = await open();
const sum = await second.handle<number>(run).output();
await second.stop();
rmSync(dir, { recursive: true, force: true });

const twice = [...worked.values()].filter((times) => times > 1).length;
console.log(`a nightly batch: ${ITEMS} items in ${((performance.now() - began) / 1_000).toFixed(1)} s`);
check(`the first site stopped after about ${before} items, the second did the rest`, before < ITEMS);
check(
  'every item is in the sum',
  sum === Array.from({ length: ITEMS }, (_, i) => `item ${i}`.length).reduce((a, b) => a + b),
);
check(`only calls that were under way were made again (${twice})`, worked.size === ITEMS && twice <= 400);
