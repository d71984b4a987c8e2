/** What a workflow takes is checked however a run of it is begun. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { parsePlan, planWorkflow, workflow } from '../author/index.ts';
import { replay } from './replay.ts';
import { openSite } from './site.ts';

const typed = workflow(
  'typed',
  {
    input: z.object({
      n: z.number().default(5),
      words: z
        .string()
        .transform((text) => text.length)
        .optional(),
    }),
  },
  async (_run, input) => input,
);
const asPlan = (text: string) => planWorkflow(parsePlan(text));
const planned = asPlan(`name: planned
input: { type: object, required: [n], properties: { n: { type: number } } }
steps:
  a: { wait: 1ms }
output: '\${input.n}'`);

test('the input of a child run is checked, and is what its schema makes of it', async () => {
  const any = workflow<unknown, unknown>('any', (run, input) => run.workflow('typed', input));
  const step = asPlan(`name: step
steps:
  a: { workflow: typed, with: { n: x } }
output: '\${steps.a}'`);
  const over = workflow<unknown, unknown>('over', (run, input) => run.workflow('planned', input));
  const site = await openSite({ workflows: [typed, planned, any, step, over] });
  const good = await site.start(any, { words: 'four' });
  expect(await good.output()).toEqual({ n: 5, words: 4 });
  const bad = [
    await site.start(any, { n: 'bad' }),
    await site.start(step),
    await site.start(over, { n: 'bad' }),
    await site.start(over, {}),
  ];
  for (const { run } of bad) {
    expect(await site.handle(run).result()).toMatchObject({ outcome: 'failed', fault: { code: 'input.invalid' } });
    expect(await replay(site.store, run)).toMatchObject({ equal: true });
  }
  await site.stop();
});

test('so is that of the run that carries this one on', async () => {
  const chain = workflow(
    'chain',
    {
      input: z.object({
        n: z.number(),
        words: z
          .string()
          .transform((text) => text.length)
          .optional(),
      }),
    },
    async (run, input) => {
      if (input.n === 0) return run.continueAsNew({ n: 1, words: 'four' });
      return input.n === 1 ? input : run.continueAsNew({ n: 'bad' });
    },
  );
  const site = await openSite({ workflows: [chain] });
  const good = await site.start(chain, { n: 0 });
  expect(await good.output()).toEqual({ n: 1, words: 4 });
  const bad = await site.start(chain, { n: 2 });
  expect(await bad.result()).toMatchObject({ run: bad.run, outcome: 'failed', fault: { code: 'input.invalid' } });
  expect(await replay(site.store, bad.run)).toMatchObject({ equal: true });
  await site.stop();
});
