/** Diffs of two runs: what they say, and that like runs are alike. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { workflow } from '../../src/author/index.ts';
import { functionAgent } from '../../src/ports/agent/index.ts';
import { describeDiff, diffRuns } from '../../src/site/diff.ts';
import { type Lab, openLab } from '../workloads/index.ts';

let lab: Lab;
beforeEach(() => void (lab = openLab()));
afterEach(() => lab.close());

const agent = () =>
  functionAgent('a', {
    skills: { double: (n: number) => n * 2, triple: { price: { money: 3 }, run: (n: number) => n * 3 } },
  });

const flow = workflow('flow', { budget: { money: 100 } }, async (run, input: { n: number; more?: boolean }) => {
  const double = await run.ask<number>('double', input.n);
  const mapped = await run.map('each', [1, 2], { itemKey: (i) => i }, (i, inner) => inner.ask('triple', i + input.n));
  const count = await run.loop('count', { from: 0, maxTurns: input.n }, (i) => i + 1);
  if (input.more) await run.ask('double', 100, { key: 'more' });
  return { double, mapped, count };
});

test('two runs of one input are equal, whatever their ids and times', async () => {
  const site = await lab.open([flow], [agent()]);
  const [a, b] = [await site.start(flow, { n: 2 }), await site.start(flow, { n: 2 })];
  await Promise.all([a.output(), b.output()]);
  const diff = await diffRuns(lab.store, a.run, b.run);
  expect(diff).toMatchObject({ equal: true, run: {}, steps: [] });
  expect(describeDiff(diff)).toBe(`${a.run} and ${b.run} are equal`);
});

test('another input: where they part, which steps differ and in what, also inside maps', async () => {
  const site = await lab.open([flow], [agent()]);
  const [a, b] = [await site.start(flow, { n: 2 }), await site.start(flow, { n: 3, more: true })];
  await Promise.all([a.output(), b.output()]);
  const diff = await diffRuns(lab.store, a.run, b.run);
  expect(diff.equal).toBe(false);
  expect(diff.run['input']).toEqual([{ n: 2 }, { n: 3, more: true }]);
  const byStep = new Map(diff.steps.map((step) => [step.step, step]));
  expect(byStep.get('double')?.differs).toMatchObject({ input: [2, 3], output: [4, 6] });
  expect(byStep.get('each/1/triple')?.differs).toMatchObject({ input: [3, 4], output: [9, 12] });
  expect(byStep.get('count')?.differs).toMatchObject({ output: [2, 3], turns: [2, 3] });
  expect(byStep.get('double#more')).toEqual({ step: 'double#more', only: 'b', differs: {} });
  expect(diff.first).toMatchObject({ a: { seq: 0, event: { type: 'run.admitted' } } });
  const text = describeDiff(diff);
  expect(text).toContain('step double#more: only in b');
  expect(text).toContain('  output: 4 | 6');
  expect(JSON.parse(JSON.stringify(diff))).toMatchObject({ equal: false });
});

test('another agent, another cost, another outcome', async () => {
  const dear = functionAgent('b', {
    skills: {
      double: (n: number) => n * 2,
      triple: { price: { money: 9 }, run: () => Promise.reject(new Error('no')) },
    },
  });
  const [one, two] = [await lab.open([flow], [agent()]), await lab.open([flow], [dear])];
  const [a, b] = [await one.start(flow, { n: 2 }), await two.start(flow, { n: 2 })];
  await Promise.all([a.result(), b.result()]);
  const diff = await diffRuns(lab.store, a.run, b.run);
  expect(diff.run).toMatchObject({ outcome: ['completed', 'failed'] });
  const triple = diff.steps.find((step) => step.step === 'each/1/triple');
  expect(triple?.differs).toMatchObject({
    out: ['ok', 'failed'],
    agents: [['a'], ['b']],
    spent: [{ money: 3 }, { money: 9 }],
  });
});

test('a fork and the run it came from', async () => {
  const site = await lab.open([flow], [agent()]);
  const a = await site.start(flow, { n: 2 });
  await a.output();
  const fork = await site.fork(a.run);
  await fork.output();
  const diff = await diffRuns(lab.store, a.run, fork.run);
  expect(diff.run).toMatchObject({ forkOf: [undefined, { run: a.run }] });
  expect(diff.steps.find((step) => step.step === 'double')?.differs).toMatchObject({ attempts: [1, 0] });
});

test('a run that is not there', async () => {
  await expect(diffRuns(lab.store, 'x', 'y')).rejects.toMatchObject({ code: 'not-found' });
});
