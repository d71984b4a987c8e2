/** Who waits in the line of an agent: let in only in time, and none of it is held against the agent. */
import { expect, test } from 'vitest';
import { workflow } from '../../author/index.ts';
import { openTestSite, type TestSite } from '../../lab/testing/index.ts';
import { functionAgent } from '../../ports/agent/index.ts';
import { replay } from '../replay.ts';

const TIME_MS = 1_000;

const wide = (n: number, retry = {}) =>
  workflow('wide', async (run) =>
    run.map(
      'each',
      Array.from({ length: n }, (_, i) => i),
      { width: n, itemKey: String, join: 'settled' },
      async (i) => run.effect('act', i, { key: i, timeoutMs: TIME_MS, retry }),
    ),
  );

/** An agent with one place; `began` hears how long each of its calls had. */
async function play(flow: ReturnType<typeof wide>, takesMs: (input: number) => number) {
  const began: { input: number; leftMs: number }[] = [];
  const site: TestSite = await openTestSite({
    workflows: [flow],
    agents: (clock) => [
      functionAgent('narrow', {
        limits: { atOnce: 1 },
        skills: {
          act: {
            effect: 'reversible',
            run: (input: number, call) => {
              began.push({ input, leftMs: call.deadlineMs! - clock.nowMs() });
              return new Promise((resolve) => clock.after(takesMs(input), () => resolve('narrow')));
            },
            undo: () => {},
          },
        },
      }),
    ],
  });
  const { output, run } = await site.run(flow);
  const events = await site.events(run);
  expect(await replay(site.site.store, run)).toMatchObject({ equal: true });
  await site.stop();
  return {
    began,
    values: (output as { value?: unknown }[]).map((one) => one.value),
    unknown: events.filter(({ type }) => type === 'effect.unknown'),
    ended: events.filter((event) => event.type === 'attempt.ended'),
    figures: site.site.facts.of('narrow', 'act'),
  };
}

test('a call whose time went by in the line is not let in: it is known not to have happened, and is made later', async () => {
  const { began, values, unknown, ended } = await play(wide(4), (input) => (input === 0 ? TIME_MS - 1 : 300));
  expect(values).toEqual(Array(4).fill('narrow'));
  expect(unknown).toEqual([]);
  expect(began.map(({ input }) => input).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  for (const { leftMs } of began) expect(leftMs).toBeGreaterThanOrEqual(TIME_MS / 10);
  expect(ended.filter((end) => end.unasked === 'full')).toHaveLength(3);
});

test('waiting in a line is no failure of the agent, and none of its time', async () => {
  const crowded = await play(wide(40), () => 50);
  expect(crowded.began).toHaveLength(40);
  expect(crowded.figures).toMatchObject({ success: 1, faults: {} });
  expect(crowded.figures!.p50Ms).toBeLessThan(60);
  const taken = await play(wide(8, { tries: 1 }), () => TIME_MS - 1);
  expect(taken.ended.filter((end) => end.unasked === 'full')).toHaveLength(7);
  expect(taken.figures).toMatchObject({ tries: 1, success: 1, faults: {} });
});
