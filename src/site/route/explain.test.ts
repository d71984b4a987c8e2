import { expect, test } from 'vitest';
import { type Run, workflow } from '../../author/index.ts';
import { functionAgent } from '../../ports/agent/index.ts';
import { openSite } from '../site.ts';
import { explainChoice } from './explain.ts';

function failing(name: string) {
  return functionAgent(name, {
    skills: {
      think: () => {
        throw new Error('no');
      },
    },
  });
}

test('why: each try, who else could have been asked with their figures, who could not and why', async () => {
  const rules = [{ name: 'never c', avoid: ['c'] }];
  const good = functionAgent('b', { skills: { think: { price: { money: 2 }, run: () => 1 } } });
  const site = await openSite({ agents: [failing('a'), good, failing('c')], routing: { rules } });
  const flow = workflow('one', (run: Run) => run.ask('think', 'what is the law on this?', { prefer: 'cost' }));
  const handle = await site.start(flow);
  expect(await handle.output()).toBe(1);
  const explained = await explainChoice(site.store, handle.run, 'think');
  expect(explained).toMatchObject({ step: 'think', skill: 'think', prefer: 'cost', out: 'ok' });
  const [first, second] = explained.tries;
  expect(first).toMatchObject({ agent: 'a', end: 'failed', chosen: { by: 'rule', rule: 'never c', of: 2 } });
  expect(first!.ranked.map((one) => one.agent)).toEqual(['a', 'b']);
  expect(first!.cut).toEqual([{ agent: 'c', why: "rule 'never c' avoids it" }]);
  expect(first!.signals).toContain('domain:law');
  expect(second).toMatchObject({ agent: 'b', why: 'elsewhere', end: 'answered' });
  await site.stop();
});

test('a step that is not there is refused with those that are', async () => {
  const site = await openSite({ agents: [functionAgent('b', { skills: { think: () => 1 } })] });
  const handle = await site.start(workflow('one', (run: Run) => run.ask('think')));
  await handle.output();
  await expect(explainChoice(site.store, handle.run, 'nope')).rejects.toThrow(/no step 'nope'; it has: think/);
  const { tries } = await explainChoice(site.store, handle.run, 'think');
  expect(tries).toMatchObject([{ agent: 'b', end: 'answered' }]);
  expect(tries[0]!.chosen).toBeUndefined();
  await site.stop();
});
