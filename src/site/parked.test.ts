/** What leaves memory comes back: only a run that a letter will move is given up. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { workflow } from '../author/index.ts';
import { functionAgent } from '../ports/agent/index.ts';
import { openSite } from './site.ts';

const worker = functionAgent('worker', {
  skills: { work: async ({ n }: { n: number }) => (await turn(), n + 1) },
});

test('a run is not given up between two steps inside a map, a loop or a join', { timeout: 20_000 }, async () => {
  const inside = workflow('inside', async (run, { n }: { n: number }) => {
    const ask = (r: typeof run, m: number): Promise<number> => r.ask<number>('work', { n: m });
    const mapped = await run.map('map', [n, n + 1, n + 2], { itemKey: String, width: 2 }, async (item, r) => {
      const one = await ask(r, item);
      await r.wait('breath', { ms: item % 3 });
      return one;
    });
    const turned = await run.loop('loop', { from: 0, maxTurns: 4 }, (sum, r) => ask(r, sum));
    const joined = await run.all('join', { a: (r) => ask(r, n), b: (r) => ask(r, turned) });
    return [...mapped, turned, joined.a, joined.b];
  });
  const site = await openSite({ agents: [worker], workflows: [inside], evictAfterMs: 0 });
  // Looking again and again finds every moment in which a run could be taken for parked.
  let looking = true;
  const looks = (async () => {
    while (looking) await site.worker.look().then(() => turn());
  })();
  const handles = await Promise.all(Array.from({ length: 60 }, (_, n) => site.start(inside, { n })));
  const outputs = await Promise.all(handles.map((handle) => handle.output()));
  looking = false;
  await looks;
  expect(outputs).toEqual(outputs.map((_, n) => [n + 1, n + 2, n + 3, 4, n + 1, 5]));
  await site.stop();
});
