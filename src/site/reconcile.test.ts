/** What a sink says of a call whose outcome is unknown is taken for a yes or a no only when it is one. */
import { afterEach, expect, test, vi } from 'vitest';
import { workflow } from '../author/index.ts';
import { openTestSite, type TestSite } from '../lab/testing/index.ts';
import { functionAgent, type Happened } from '../ports/agent/index.ts';

let site: TestSite | undefined;
afterEach(async () => {
  await site?.stop();
});

const flow = workflow('book', (run) => run.effect('book', 1, { timeoutMs: 1_000 }));

test.each([
  ['null, as languages without undefined say it', { happened: null }],
  ['a word', { happened: 'no' }],
  ['nothing', {}],
])('%s: a person decides, and nothing is done twice', async (_, said) => {
  const run = vi.fn(() => new Promise(() => {}));
  const reconcile = () => said as unknown as Happened;
  const sink = functionAgent('sink', { skills: { book: { effect: 'reversible', run, reconcile, undo: () => {} } } });
  site = await openTestSite({ workflows: [flow], agents: [sink] });
  const { run: id } = await site.site.start(flow);
  await site.advance(2_000);
  await site.advance(60_000);
  expect(run).toHaveBeenCalledTimes(1);
  expect(await site.site.gates(id)).toMatchObject([{ step: 'book', asks: 'unknown' }]);
});
