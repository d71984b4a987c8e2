/** Golden tasks look like work, are asked once, and only they and exams make anybody believed. */
import { expect, test } from 'vitest';
import { createSeededChance, type Json } from '../../base/index.ts';
import { workflow } from '../../author/index.ts';
import { type AgentCall, functionAgent } from '../../ports/agent/index.ts';
import { createMemoryStore } from '../../ports/store/memory.ts';
import { realClock } from '../clock.ts';
import { openSite, type Site } from '../site.ts';
import { createGolden, type GoldenTask } from './golden.ts';

const tasks = (from: number, n: number): GoldenTask[] =>
  Array.from({ length: n }, (_, i) => ({
    id: `t${from + i}`,
    skill: 'double',
    input: from + i,
    answer: 2 * (from + i),
  }));
const flow = workflow('work', async (run) => {
  for (let i = 0; i < 8; i++) await run.ask('double', 1_000 + i, { key: `d${i}`, agree: { by: 'majority', panel: 2 } });
  return 'done';
});

async function world(rate: number, exams: GoldenTask[] = []) {
  const heard: AgentCall[] = [];
  const doubles = functionAgent('good', {
    skills: { double: (n: number, call: AgentCall) => (heard.push(call), 2 * n) },
  });
  const adds = functionAgent('poor', { skills: { double: (n: number): Json => (n >= 1_000 ? 2 * n : n + 1) } });
  const fails = functionAgent('gone', {
    skills: {
      double: (): Json => {
        throw new Error('no');
      },
    },
  });
  const kept: { site?: Site } = {};
  const golden = createGolden({
    tasks: tasks(10, 5),
    exams,
    rate,
    book: () => kept.site!.trust,
    chance: createSeededChance('golden'),
    clock: realClock,
  });
  const agents = [golden.mix(doubles), golden.mix(adds)];
  const site = (kept.site = await openSite({ store: createMemoryStore(), agents, workflows: [flow] }));
  return { site, golden, heard, doubles, adds, fails };
}

test('at rate 1 each task is asked once of all, in the form of work; the run does not notice', async () => {
  const { site, golden, heard } = await world(1);
  const handle = await site.start(flow, undefined, { id: 'w' });
  expect(await handle.output()).toBe('done');
  await golden.settled();
  const rows = site.trust.outcomes('double');
  expect(rows).toHaveLength(5);
  for (const row of rows) {
    expect(row.source).toBe('golden');
    expect(row.said['good']).toBe(row.right);
    expect(row.said['poor']).not.toBe(row.right);
  }
  const figures = site.trust.figures('double');
  expect(figures.get('good')!.p).toBeGreaterThan(figures.get('poor')!.p);
  const shape = ({ run, step, skill, labels }: AgentCall): string => JSON.stringify([run, step, skill, labels]);
  const real = new Set(heard.filter(({ input }) => Number(input) >= 1_000).map(shape));
  for (const call of heard) expect(real).toContain(shape(call));
  expect(new Set(heard.map(({ key }) => key)).size).toBe(heard.length);
  expect(heard.filter(({ input }) => Number(input) < 1_000)).toHaveLength(5);
  await site.stop();
});

test('at rate 0 none is asked, and a rate that is no share is refused', async () => {
  const { site, golden } = await world(0);
  await (await site.start(flow)).output();
  await golden.settled();
  expect(site.trust.outcomes('double')).toHaveLength(0);
  await site.stop();
  await expect(world(1.5)).rejects.toThrow(/a share/);
});

test('an exam passes who is right, fails who is not, and costs more each time, with fresh tasks', async () => {
  const { site, golden, doubles, adds, fails } = await world(0, tasks(100, 35));
  expect(await golden.examine(doubles, 'double')).toMatchObject({ asked: 10, right: 10, passed: true });
  expect(await golden.examine(adds, 'double')).toMatchObject({ asked: 10, right: 0, passed: false });
  expect(await golden.examine(fails, 'double')).toMatchObject({ asked: 10, right: 0, passed: false });
  expect(await golden.examine(adds, 'double')).toMatchObject({ asked: 20, passed: false });
  await expect(golden.examine(adds, 'double')).rejects.toThrow(/needs 40 tasks that it never saw, and 5 are left/);
  await site.stop();
});
