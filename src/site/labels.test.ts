/** Labels: where data came from goes wherever code may have carried it. */
import { expect, test } from 'vitest';
import { workflow } from '../author/index.ts';
import { createTrial, of } from '../lab/trial/index.ts';
import { type AgentCall, functionAgent } from '../ports/agent/index.ts';

const seen: Record<string, string[]> = {};
const agents = [
  functionAgent('plain', {
    skills: {
      note: (input: string, call: AgentCall) => {
        seen[call.step] = [...call.labels];
        return input;
      },
    },
  }),
  {
    name: 'secret',
    skills: [{ name: 'read', effect: 'pure' as const, price: { money: 0 } }],
    call: () => ({ output: 's', labels: ['secret'] }),
  },
];

const child = workflow('child', (run, input: string) => run.ask('note', input));

const labelled = workflow('labelled', async (run) => {
  await run.ask('note', 'a', { name: 'before' });
  await run.ask('note', 'b', { name: 'declared', labels: ['eu'] });
  const secret = await run.ask<string>('read');
  await run.ask('note', secret, { name: 'after' });
  const word = await run.signal<string>('go');
  await run.all('j', { x: (inner) => inner.ask('note', word, { name: 'inside' }) });
  await run.workflow(child, 'c');
  return 'done';
});

test("the run's, those declared, those of replies and signals, into every later ask, the child and the output", async () => {
  const trial = createTrial();
  const options = { workflows: [labelled, child], agents };
  const one = await trial.open(options);
  await one.site.start(labelled, undefined, { id: 'r', labels: ['task'] });
  await trial.clock.until(() => 'after' in seen, 500);
  await trial.clock.jump(10);
  one.doom.die();
  // A resumed run knows them from its journal.
  const two = await trial.open(options);
  await two.site.signal('r', 'go', 'word');
  expect(await trial.clock.until(() => trial.isEnded('r'))).toBe(true);
  expect(seen).toEqual({
    before: ['task'],
    declared: ['eu', 'task'],
    after: ['eu', 'secret', 'task'],
    'j/x/inside': ['eu', 'secret', 'task'],
    note: ['eu', 'secret', 'task'],
  });
  const asked = of(await trial.events('r'), 'step.asked');
  expect(asked.map((e) => [e.step, e.labels])).toEqual([
    ['before', ['task']],
    ['declared', ['eu', 'task']],
    ['read', ['eu', 'task']],
    ['after', ['eu', 'secret', 'task']],
    ['go', ['eu', 'secret', 'task']],
    ['j', ['eu', 'secret', 'task']],
    ['j/x/inside', ['eu', 'secret', 'task']],
    ['child', ['eu', 'secret', 'task']],
  ]);
  expect((await two.site.state('r')).outputLabels).toEqual(['eu', 'secret', 'task']);
  expect((await two.site.state('r.child')).outputLabels).toEqual(['eu', 'secret', 'task']);
});

test('a run without labels has none, and pays nothing for them', async () => {
  const trial = createTrial();
  const { site } = await trial.open({ workflows: [child], agents });
  await site.start(child, 'x', { id: 'r' });
  expect(await trial.clock.until(() => trial.isEnded('r'))).toBe(true);
  for (const event of await trial.events('r')) expect(event.labels).toBeUndefined();
});
