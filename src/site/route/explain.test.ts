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

test('of several rules the one that decided is named, not one that stands higher and left all as it was', async () => {
  const rules = [
    { name: 'never z', priority: 9, avoid: ['z'] },
    { name: 'cheap please', priority: 8, prefer: 'cost' as const },
    { name: 'only big', use: ['big'] },
  ];
  const [big, small] = ['big', 'small'].map((name) => functionAgent(name, { skills: { think: () => name } }));
  const ruled = async (some: typeof rules) => {
    const site = await openSite({ agents: [big!, small!], routing: { rules: some } });
    const handle = await site.start(workflow('one', (run: Run) => run.ask('think')));
    await handle.output();
    const { tries } = await explainChoice(site.store, handle.run, 'think');
    await site.stop();
    return tries[0]!.chosen;
  };
  expect(await ruled(rules)).toMatchObject({ by: 'rule', rule: 'only big' });
  expect(await ruled(rules.slice(0, 2))).toMatchObject({ by: 'rule', rule: 'cheap please' });
  const learned = await ruled(rules.slice(0, 1));
  expect(learned).toMatchObject({ by: 'learned' });
  expect(learned).not.toHaveProperty('rule');
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

test('who was never tried is not called believed best; who is, is', async () => {
  const agents = ['a', 'b'].map((name) => functionAgent(name, { skills: { think: () => 1 } }));
  const site = await openSite({ agents });
  const flow = workflow('one', (run: Run) => run.ask('think'));
  const ask = async () => {
    const handle = await site.start(flow);
    await handle.output();
    return (await explainChoice(site.store, handle.run, 'think')).tries[0]!;
  };
  expect(await ask()).toMatchObject({ exploring: true, chosen: { by: 'learned', of: 2 } });
  const later = [];
  for (let i = 0; i < 30; i++) later.push(await ask());
  expect(later.some(({ exploring }) => exploring !== true)).toBe(true);
  for (const { exploring, chosen, agent, ranked } of later) {
    const tried = Math.round(ranked.find((one) => one.agent === agent)?.tries ?? 0);
    expect(exploring === true).toBe(chosen!.explored === true || tried === 0);
  }
  await site.stop();
});

test('a step inside of a settled map is explained as any other', async () => {
  const site = await openSite({ agents: [functionAgent('b', { skills: { think: () => 1 } })] });
  const flow = workflow('many', (run: Run) =>
    run.map('all', ['x', 'y'], { itemKey: (one) => one }, (one, inner) => inner.ask('think', one)),
  );
  const handle = await site.start(flow);
  await handle.output();
  expect(await explainChoice(site.store, handle.run, 'all/x/think')).toMatchObject({
    step: 'all/x/think',
    skill: 'think',
    out: 'ok',
    tries: [{ agent: 'b', end: 'answered' }],
  });
  await site.stop();
});

test('a step that nobody could be asked for is explained by who was shut out', async () => {
  const agent = { ...functionAgent('b', { skills: { think: () => 1 } }), clearance: ['public'] };
  const site = await openSite({ agents: [agent, functionAgent('c', { skills: { think: () => 1 } })] });
  const flow = workflow('one', (run: Run) => run.ask('think', 1, { agent: 'b', labels: ['secret'] }));
  const handle = await site.start(flow);
  await handle.result();
  const explained = await explainChoice(site.store, handle.run, 'think');
  expect(explained.tries).toEqual([]);
  const line = `no agent is left for step 'think': c (not the agent asked for), 1 may not see 'secret'`;
  expect(explained.fault?.message).toBe(line);
  expect(explained.fault?.detail).toMatchObject({
    cut: [{ agent: 'c' }, { agent: '', why: "1 may not see 'secret'" }],
  });
  await site.stop();
});
