// What a person sees of a panel: the verdict with names, answers, weights and reasons, and wrong words told early.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { whyWords } from '../../src/doors/cli/commands/why.ts';
import { verdictWords } from '../../src/doors/cli/verdict-words.ts';
import { Fault, functionAgent, openSite, parsePlan, planWorkflow, type Site, workflow } from '../../src/index.ts';
import { explainChoice } from '../../src/site/route/explain.ts';
import { tellVerdicts } from '../../src/site/verdicts.ts';
import { makeProject, type Project } from './project.ts';

const says = (name: string, word: string) => functionAgent(name, { skills: { guess: () => word } });
const paint = (_: string, text: string) => text;

const asks = workflow('asks', async (run, agree: { by: string }) => run.ask<string>('guess', 'what?', { agree }));
const json = workflow('json', async (run) =>
  run.ask('guess', 'what?', {
    agree: { by: 'majority', panel: 2, equal: 'json' },
    output: z.object({ city: z.string() }),
  }),
);
const data = planWorkflow(
  parsePlan(`
name: data
steps:
  one:
    ask: guess
    with: what?
    returns: { type: object, properties: { city: { type: string } } }
    agree: { by: majority, panel: 2, equal: json }
output: '\${steps.one}'
`),
);

let site: Site;
beforeAll(async () => {
  const broken = functionAgent('d', {
    skills: {
      guess: () => {
        throw new Fault('agent.failed', 'broken');
      },
    },
  });
  site = await openSite({ workflows: [asks], agents: [says('a', 'x'), says('b', 'x'), says('c', 'y'), broken] });
});
afterAll(() => site.stop());

test('a verdict: who said what, what it weighs and why, what is against it, the one alone, and the cost', async () => {
  const { run, output } = await site.start(asks, { by: 'weighted' });
  expect(await output()).toBe('x');
  const [told, ...more] = await tellVerdicts(site.store, run, 'guess');
  expect(more).toEqual([]);
  expect(told).toMatchObject({
    by: 'weighted',
    equal: 'exact',
    chosen: { answer: 'x' },
    dissent: [{ answer: 'y', votes: 1 }],
    asked: { answers: 4, judgements: 0 },
  });
  expect(new Map(told!.votes.map((vote) => [vote.agent, [vote.answer, vote.for]]))).toEqual(
    new Map([
      ['a', ['x', true]],
      ['b', ['x', true]],
      ['c', ['y', false]],
      ['d', [undefined, false]],
    ]),
  );
  const lines = verdictWords([told!], paint, 100).map((line) => line.trim().replaceAll(/ +/g, ' '));
  expect(lines[1]).toMatch(/^what [ab] said: by weighted, answers equal by exact, margin 1.092, believed right 0.69$/);
  expect(lines).toEqual(
    expect.arrayContaining([
      '✓ a 1.09 x',
      'c 1.09 y',
      '✗ d no vote agent.failed',
      'against it: y (1 vote, weight 1.092)',
      expect.stringMatching(/^asked alone, . would have been believed: it /),
      expect.stringMatching(/^cost: 4 answers, \d+ ms$/),
    ]),
  );
  const why = whyWords(await explainChoice(site.store, run, 'guess'));
  expect(why.filter((line) => line.includes('panel'))).toHaveLength(4);
  expect(why.join()).not.toContain('already asked');
});

test('no verdict: what was held, and why it was not enough', async () => {
  const { run, output } = await site.start(asks, { by: 'majority' });
  await expect(output()).rejects.toThrow('2 of the 3 votes');
  const [told] = await tellVerdicts(site.store, run, 'guess');
  expect(told!.chosen).toBeUndefined();
  expect(told!.votes.some((vote) => vote.for)).toBe(false);
  const text = verdictWords([told!], paint, 100).join('\n');
  expect(text).toMatch(/none: by majority, .*; the answer most often given has 2 of the 3 votes that it needs/);
});

test.each([
  [{ by: 'majority', panel: -1 }, "agreement on 'guess': panel: -1 is not a whole number from 1"],
  [{ by: 'majority', pannel: 3 }, "'majority' reads no 'pannel' (did you mean 'panel'?)"],
  [{ by: 'majority', equal: { by: 'txet' } }, 'is no equality'],
  [{ by: 'auto', stakes: 'huge' }, '"huge" is not one of low, normal, high'],
])('wrong words are told before anybody is asked: %j', async (agree, said) => {
  const { run, output } = await site.start(asks, agree);
  await expect(output()).rejects.toThrow(said);
  for await (const { event } of site.watch(run)) expect(event.type).not.toBe('attempt.begun');
});

test('wrong words are told in data too, as soon as it is read', () => {
  const told = (agree: string) => () => parsePlan(`name: data\nsteps: { one: { ask: guess, agree: ${agree} } }`);
  expect(told('{ by: majority, pannel: 3 }')).toThrow("steps.one.agree.pannel: 'majority' reads no 'pannel'");
  expect(told('{ by: majority, equal: { by: txet } }')).toThrow('is no equality');
  // It may be added before the plan is run.
  expect(told('{ by: mine, rounds: 3 }')).not.toThrow();
});

test('no verdict leads to a lesser goal of the same panel', async () => {
  const of = (name: string, word: string) =>
    functionAgent(name, { skills: { guess: () => word, rough: () => 'about' } });
  const flow = workflow('flow', async (run) =>
    run.ask<string>('guess', 'what?', { agree: { by: 'majority', panel: 2 }, lesser: ['rough'] }),
  );
  const other = await openSite({ agents: [of('a', 'x'), of('b', 'y')], workflows: [flow] });
  const { run, output } = await other.start(flow);
  expect(await output()).toBe('about');
  const told = await tellVerdicts(other.store, run, 'guess');
  expect(told.map(({ chosen, why }) => [chosen?.answer, why])).toEqual([
    [undefined, 'a tie'],
    ['about', undefined],
  ]);
  await other.stop();
});

test('`equal: json` compares what the schema names, in code and in data', async () => {
  const of = (name: string, city: string) => functionAgent(name, { skills: { guess: () => ({ city, note: name }) } });
  const other = await openSite({ agents: [of('a', 'Rome'), of('b', ' ROME ')], workflows: [json, data] });
  for (const flow of [json, data]) {
    const { run, output } = await other.start(flow as typeof json);
    await output();
    const step = flow === data ? 'one' : 'guess';
    expect(await tellVerdicts(other.store, run, step)).toMatchObject([{ equal: 'json', margin: 2 }]);
  }
  await other.stop();
});

let project: Project;
beforeAll(() => (project = makeProject()));
afterAll(() => project.close());

test('skein check: protocols, options and functions of agreement', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skein-agree-'));
  const path = join(folder, 'wrong.yaml');
  writeFileSync(
    path,
    'name: wrong\nsteps:\n  one:\n    ask: look\n    with: x\n    agree: { by: majorty, panel: 3 }\n',
  );
  const { code, out } = await project.skein('check', path);
  expect(out).toContain("steps.one.agree.by: there is no protocol 'majorty' (did you mean 'majority'?)");
  expect(code).toBe(1);
  rmSync(folder, { recursive: true });
});
