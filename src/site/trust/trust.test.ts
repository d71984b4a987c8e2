/** Outcomes said of settled steps become trust, kept in the store, and figures on journaled candidates. */
import { expect, test } from 'vitest';
import { functionAgent } from '../../ports/agent/index.ts';
import { createMemoryStore } from '../../ports/store/memory.ts';
import { openSite } from '../site.ts';
import { workflow } from '../../author/index.ts';
import { outcomeRow } from './index.ts';

const me = { id: 'me', rights: ['*'] };
const says = (name: string, answer: string) => functionAgent(name, { skills: { guess: () => answer } });
const flow = workflow('vote', async (run) => run.ask('guess', 1, { agree: { by: 'majority', panel: 3 } }));

test('what turned out right is known of all who answered, by every worker, once', async () => {
  const store = createMemoryStore();
  const agents = () => [says('a', 'x'), says('b', 'x'), says('c', 'y')];
  const site = await openSite({ store, agents: agents(), workflows: [flow] });
  for (let i = 0; i < 5; i++) {
    const handle = await site.start(flow, undefined, { id: `r${i}` });
    expect(await handle.output()).toBe('x');
    const { id, row } = await outcomeRow(store, `r${i}`, 'guess', true);
    const { a, b, c } = row.said;
    expect([a, b]).toEqual([row.right, row.right]);
    expect(c).not.toBe(row.right);
    expect(await site.trust.note(id, row, me)).toBe(true);
    expect(await site.trust.note(id, row, me)).toBe(false);
  }
  const figures = site.trust.figures('guess');
  expect(figures.get('a')!.p).toBeGreaterThan(figures.get('c')!.p);
  await site.stop();

  const later = await openSite({ store, agents: agents(), workflows: [flow] });
  expect(later.trust.figures('guess').get('a')).toEqual(figures.get('a'));
  await (await later.start(flow, undefined, { id: 'after' })).output();
  const panel: (number | undefined)[] = [];
  for await (const { event } of later.watch('after'))
    if (event.type === 'agree.begun') for (const member of event.members ?? []) panel.push(member.trust?.n);
  expect(panel).toHaveLength(3);
  for (const n of panel) expect(n).toBeGreaterThan(4);
  await later.stop();
});

test('that an answer was wrong says nothing of those who gave another', async () => {
  const store = createMemoryStore();
  const site = await openSite({ store, agents: [says('a', 'x'), says('b', 'x'), says('c', 'y')], workflows: [flow] });
  await (await site.start(flow, undefined, { id: 'r' })).output();
  const { row } = await outcomeRow(store, 'r', 'guess', false);
  expect(Object.keys(row.said).sort()).toEqual(['a', 'b']);
  expect(row.right).toBe(-1);
  await expect(outcomeRow(store, 'r', 'nowhere', true)).rejects.toThrow(/no step/);
  await site.stop();
});

test('who suddenly contradicts what the others are sure of is suspended by its real work alone, for every worker', async () => {
  const store = createMemoryStore();
  let turned = false;
  const agents = () => [
    ...['a', 'b', 'c'].map((name) => says(name, 'x')),
    functionAgent('turncoat', { skills: { guess: () => (turned ? 'z' : 'x') } }),
  ];
  const vote = workflow('vote', async (run) => run.ask('guess', 1, { agree: { by: 'weighted' } }));
  const open = () => openSite({ store, agents: agents(), workflows: [vote] });
  const site = await open();
  for (let i = 0; i < 40; i++) {
    // Each errs in its own tasks, so that none is another's copy.
    const said = Object.fromEntries(['a', 'b', 'c', 'turncoat'].map((name, n) => [name, i % 8 === n ? 1 + n : 0]));
    await site.trust.note(`t${i}`, { skill: 'guess', said, right: 0, source: 'golden' }, me);
  }
  for (let i = 0; i < 20; i++) await (await site.start(vote, undefined, { id: `before${i}` })).output();
  const suspended = (of: typeof site) => of.trust.figures('guess').get('turncoat')!.suspended === true;
  expect(suspended(site)).toBe(false);
  turned = true;
  let runs = 0;
  for (; runs < 30 && !suspended(site); runs++)
    expect(await (await site.start(vote, undefined, { id: `after${runs}` })).output()).toBe('x');
  expect(runs).toBeLessThan(12);
  await site.stop();
  const later = await open();
  expect(suspended(later)).toBe(true);
  for (const other of ['a', 'b', 'c']) expect(later.trust.figures('guess').get(other)!.suspended).toBeUndefined();
  await later.stop();
});

test('a check that proves is a checked outcome of all that it saw; one that does not prove is none', async () => {
  const store = createMemoryStore();
  const check = { by: 'majority', panel: 3, quorum: 1, check: 'tested' };
  const proving = workflow('proving', async (run) => run.ask('guess', 1, { agree: { ...check, proof: true } }));
  const legal = workflow('legal', async (run) => run.ask('guess', 1, { agree: check }));
  const site = await openSite({
    store,
    agents: [says('a', 'good'), says('b', 'bad'), says('c', 'fine')],
    workflows: [proving, legal],
    functions: { tested: ({ answer }: { answer: string }) => answer === 'good' },
  });
  await (await site.start(legal)).output();
  expect(await (await site.start(proving)).output()).toBe('good');
  await site.stop();
  const later = await openSite({ store, agents: [] });
  const rows = later.trust.outcomes('guess');
  expect(rows).toHaveLength(1);
  const { said, right, source } = rows[0]!;
  expect(source).toBe('check');
  expect(said['a']).toBe(right);
  for (const other of ['b', 'c']) expect(said[other]).not.toBe(right);
  await later.stop();
});

test('copies are known by the mistakes that a check finds', async () => {
  const double = (name: string, f: (n: number) => number) => functionAgent(name, { skills: { double: f } });
  const copy = (n: number) => (n % 2 === 0 ? 2 * n : n + 1000);
  const flow = workflow('flow', async (run, n: number) =>
    run.ask<number>('double', n, { agree: { by: 'majority', panel: 4, quorum: 1, check: 'twice', proof: true } }),
  );
  const site = await openSite({
    agents: [
      double('good', (n) => 2 * n),
      double('own', (n) => (n % 3 === 0 ? n : 2 * n)),
      double('copy1', copy),
      double('copy2', copy),
    ],
    workflows: [flow],
    functions: { twice: ({ answer, input }: { answer: number; input: number }) => answer === 2 * input },
  });
  for (let n = 1; n <= 24; n++) expect(await (await site.start(flow, n)).output()).toBe(2 * n);
  await expect.poll(() => site.trust.outcomes('double').length).toBe(24);
  const figures = site.trust.figures('double');
  expect(figures.get('copy1')).toMatchObject({ cluster: 'copy1', rho: 1 });
  expect(figures.get('copy2')!.cluster).toBe('copy1');
  expect(figures.get('own')!.cluster).toBeUndefined();
  await site.stop();
});
