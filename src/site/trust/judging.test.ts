/** What turned out wrong is unlearned: whom to ask is decided by it, also at a worker that only reads of it. */
import { expect, test, vi } from 'vitest';
import { type Run, workflow } from '../../author/index.ts';
import { functionAgent } from '../../ports/agent/index.ts';
import { createMemoryStore } from '../../ports/store/memory.ts';
import { openSite, type Site } from '../site.ts';
import { judgeTries, outcomeRow } from './index.ts';

const me = { id: 'me', rights: ['*'] };
const says = (name: string, answer: string) => functionAgent(name, { skills: { guess: () => answer } });
const one = workflow('one', (run: Run) => run.ask<string>('guess', 'what is it?'));
const RUNS = 30;

async function qualityOf(site: Site, agent: string): Promise<number | undefined> {
  const handle = await site.start(one);
  await handle.output();
  for await (const { event } of site.watch(handle.run))
    if (event.type === 'candidates.found') return event.candidates.find((c) => c.agent === agent)?.quality;
  return undefined;
}

test('an agent whose answers turn out wrong is believed bad, though it always answered', async () => {
  const store = createMemoryStore();
  const site = await openSite({ store, agents: [says('liar', 'x'), says('honest', 'y')], workflows: [one] });
  for (let i = 0; i < RUNS; i++) {
    const handle = await site.start(one, undefined, { id: `r${i}` });
    const right = (await handle.output()) === 'y';
    const { id, row } = await outcomeRow(store, `r${i}`, 'guess', right);
    await site.trust.note(id, row, me);
  }
  const honest = await qualityOf(site, 'honest');
  expect(honest).toBeGreaterThan(0.7);
  expect(await qualityOf(site, 'liar')).toBeLessThan(honest! - 0.2);
  await site.stop();
});

test('an outcome that is said elsewhere reaches the worker that asked, within seconds', async () => {
  const store = createMemoryStore();
  const agents = () => [says('liar', 'x'), says('also', 'x')];
  const site = await openSite({ store, agents: agents(), workflows: [one] });
  for (let i = 0; i < RUNS; i++) await (await site.start(one, undefined, { id: `r${i}` })).output();
  const before = await qualityOf(site, 'liar');
  expect(before).toBeGreaterThan(0.6);
  const door = await openSite({ store, agents: agents(), workflows: [one], works: false, keepFacts: false });
  for (let i = 0; i < RUNS; i++) {
    const { id, row } = await outcomeRow(store, `r${i}`, 'guess', false);
    await door.trust.note(id, row, me);
  }
  await vi.waitFor(async () => expect(await qualityOf(site, 'liar')).toBeLessThan(before! - 0.2), {
    timeout: 15_000,
    interval: 500,
  });
  await door.stop();
  await site.stop();
}, 30_000);

test('an outcome names its step, whoever said it; what names none judges nothing', () => {
  const judged: unknown[] = [];
  const facts = { judge: (one: unknown) => void judged.push(one) };
  const row = { skill: 'guess', said: { a: 0, b: 1 }, right: 0, source: 'outcome' as const };
  judgeTries(facts, 'r1|plan/guess', row, 7);
  judgeTries(facts, 'check/r2|guess', row, 7);
  judgeTries(facts, 'golden/7', row, 7);
  expect(judged).toMatchObject([
    { run: 'r1', step: 'plan/guess', agent: 'a', quality: 1 },
    { run: 'r1', agent: 'b', quality: 0 },
    { run: 'r2', step: 'guess', agent: 'a', quality: 1 },
    { run: 'r2', agent: 'b', quality: 0 },
  ]);
});
