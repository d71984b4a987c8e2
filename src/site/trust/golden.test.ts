/** Golden tasks look like work, are asked once, and only they and exams make anybody believed. */
import { expect, test } from 'vitest';
import { createSeededChance, type Json } from '../../base/index.ts';
import { workflow } from '../../author/index.ts';
import { type AgentCall, functionAgent } from '../../ports/agent/index.ts';
import { createMemoryStore } from '../../ports/store/memory.ts';
import { realClock } from '../clock.ts';
import { openSite, type Site } from '../site.ts';
import type { GoldenPair, GoldenTask } from './golden-task.ts';
import { createGolden } from './golden.ts';

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

async function world(rate: number, exams: (GoldenTask | GoldenPair)[] = []) {
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

const pairs = (from: number, n: number): GoldenPair[] =>
  Array.from({ length: n }, (_, i) => ({
    id: `p${from + i}`,
    skill: 'judge',
    question: from + i,
    better: 2 * (from + i),
    worse: 2 * (from + i) + 1,
  }));

test('an exam at judging: in both orders, and whom the order decides for has said nothing', async () => {
  const { site, golden } = await world(0, pairs(100, 30));
  const shown: Json[] = [];
  const judge = (name: string, prefers: (a: number, b: number) => string) =>
    functionAgent(name, {
      skills: {
        judge: (input: { ask: string; question: number; answers: [number, number] }): Json => {
          shown.push(input);
          return { winner: prefers(...input.answers) };
        },
      },
    });
  const fair = judge('fair', (a) => (a % 2 === 0 ? 'a' : 'b'));
  const liar = judge('liar', (a) => (a % 2 === 0 ? 'b' : 'a'));
  const lazy = judge('lazy', () => 'a');
  expect(await golden.examine(fair, 'judge')).toMatchObject({ asked: 10, right: 10, passed: true });
  expect(shown.slice(0, 2)).toEqual([
    { ask: 'compare', question: 100, answers: [200, 201] },
    { ask: 'compare', question: 100, answers: [201, 200] },
  ]);
  expect(await golden.examine(liar, 'judge')).toMatchObject({ asked: 10, right: 0, passed: false });
  expect(await golden.examine(lazy, 'judge')).toMatchObject({ asked: 10, right: 0, passed: false });
  shown.length = 0;
  expect(await golden.examine(lazy, 'judge')).toMatchObject({ asked: 20, passed: false });
  // Fresh ones only.
  expect((shown as { question: number }[]).every(({ question }) => question >= 110)).toBe(true);
  const figures = site.trust.figures('judge');
  expect(figures.get('liar')!.weight!).toBeLessThan(0);
  expect(figures.get('fair')!.weight!).toBeGreaterThan(0.5);
  expect(Math.abs(figures.get('lazy')?.weight ?? 0)).toBeLessThan(0.1);
  await site.stop();
});

test('a model swapped after its exam is caught by the golden tasks of its real work', async () => {
  let swapped = false;
  const { site, golden, doubles } = await world(0, tasks(100, 70));
  const bait = functionAgent('bait', { skills: { double: (n: number): Json => (swapped ? n + 1 : 2 * n) } });
  for (let exam = 0; exam < 2; exam++)
    expect((await golden.examine(bait, 'double')).passed && (await golden.examine(doubles, 'double')).passed).toBe(
      true,
    );
  swapped = true;
  const during = createGolden({
    tasks: tasks(10, 30),
    rate: 1,
    book: () => site.trust,
    chance: createSeededChance('d'),
  });
  const mixed = during.mix(bait);
  let calls = 0;
  for (; calls < 30 && site.trust.figures('double').get('bait')!.suspended !== true; calls++) {
    await mixed.call({ ...work, key: `k${calls}` });
    await during.settled();
  }
  expect(calls).toBeLessThan(10);
  expect(site.trust.figures('double').get('good')!.suspended).toBeUndefined();
  await site.stop();
});

const work: AgentCall = {
  run: 'r',
  step: 'double',
  attempt: 1,
  skill: 'double',
  input: 1_000,
  labels: [],
  effect: 'pure',
  key: 'k',
  signal: new AbortController().signal,
  deadlineMs: Infinity,
  say() {},
  beat() {},
};
