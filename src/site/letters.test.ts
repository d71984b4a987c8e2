/** Letters to oneself within one batch: a timer taken and set again under its id is still set. */
import { expect, test } from 'vitest';
import { Fault } from '../base/index.ts';
import { workflow } from '../author/index.ts';
import { functionAgent } from '../ports/agent/index.ts';
import { openLab } from '../../test/workloads/lab.ts';

test('an agent that refuses twice at once is asked a third time', async () => {
  const lab = openLab();
  let calls = 0;
  const agent = functionAgent('busy', {
    skills: {
      work: () => {
        if (++calls < 3) throw new Fault('agent.busy', 'not now', { afterMs: 1 });
        return calls;
      },
    },
  });
  const flow = workflow('retry', (run) => run.ask('work', 1, { retry: { firstMs: 1, maxMs: 1 } }));
  const site = await lab.open([flow], [agent]);
  const run = await site.start(flow);
  expect(await run.output({ signal: AbortSignal.timeout(3_000) })).toBe(3);
  await lab.close();
});

test('what settles before the resumed code asks for it is given when it asks', async () => {
  const lab = openLab();
  const flow = (slow: () => Promise<unknown>) =>
    workflow('early', async (run) => {
      await run.code('first', slow);
      const [word] = await Promise.all([run.signal('go'), run.code('hang', slow)]);
      return word;
    });
  const before = await lab.open([
    workflow('early', async (run) => {
      await Promise.all([run.signal('go'), run.code('first', () => new Promise(() => {}))]);
    }),
  ]);
  const { run } = await before.start('early');
  await lab.until(run, 'both to be asked', (s) => s.open.size === 2);
  lab.kill(before);
  let open = (): void => {};
  const door = new Promise<void>((resolve) => (open = resolve));
  const after = await lab.open([flow(() => door)]);
  await after.signal(run, 'go', 'gone');
  await lab.until(run, 'the signal', (s) => s.signals.has('go') || s.steps.get('go')?.settledSeq !== 0);
  open();
  expect(await after.handle(run).output({ signal: AbortSignal.timeout(3_000) })).toBe('gone');
  await lab.close();
});
