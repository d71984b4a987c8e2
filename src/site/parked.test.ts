/** What leaves memory comes back: only a run that a letter will move is given up. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { workflow } from '../author/index.ts';
import { createTrial, eventsOf } from '../lab/trial/index.ts';
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

test('a run stays while it is found out whether an effect happened, also where a person is to decide on its drift', async () => {
  const trial = createTrial();
  const book = (input: number) => workflow('book', (run) => run.effect('book', input));
  const sink = functionAgent('sink', {
    skills: {
      book: {
        effect: 'reversible',
        run: () => new Promise(() => {}),
        reconcile: () => new Promise((resolve) => trial.clock.after(3_000, () => resolve({ happened: false }))),
        undo: () => {},
      },
    },
  });
  const first = await trial.open({ workflows: [book(1)], agents: [sink] });
  const { run } = await first.site.start('book');
  await trial.clock.jump(100);
  first.doom.die();
  const { site } = await trial.open({ workflows: [book(2)], agents: [sink], evictAfterMs: 0 });
  // Taken over; looked at whether it may leave; answered.
  for (const ms of [1_000, 1_000, 10_000, 1_000, 1_000, 1_000]) await trial.clock.jump(ms);
  const types = (await eventsOf(trial.store, run)).map(({ type }) => type);
  expect(types).toContain('drift.found');
  expect(types).toContain('effect.reconciled');
  expect(site.worker.hosts.has(run)).toBe(false);
  await site.stop({ graceMs: 0 });
});
