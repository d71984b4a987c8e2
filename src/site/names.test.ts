/** Who reads a journal knows a step again under its new name. */
import { expect, test, vi } from 'vitest';
import { parsePlan, planWorkflow } from '../author/index.ts';
import type { Event } from '../model/index.ts';
import { functionAgent } from '../ports/agent/index.ts';
import type { Observation } from './facts/index.ts';
import { createTries } from './facts/tries.ts';
import { openSite } from './site.ts';
import { stepCalled, tellRun } from './tale.ts';
import { spanIdOf } from './telemetry/context.ts';
import { createRunSpans } from './telemetry/spans.ts';
import { outcomeRow } from './trust/index.ts';

const asked = { type: 'step.asked', hash: 'h' } as const;
const EVENTS: Event[] = [
  { ...asked, step: 'm', kind: 'map', spec: { branches: ['k'] } },
  { ...asked, step: 'm/k/x', kind: 'ask', spec: { skill: 'think' } },
  { ...asked, step: 'rest', kind: 'wait', spec: { waitMs: 1 } },
  { type: 'attempt.begun', step: 'm/k/x', n: 1, agent: 'ann', effect: 'pure' },
  { type: 'step.renamed', step: 'all', was: 'm' },
  { type: 'step.renamed', step: 'pause', was: 'rest' },
  { type: 'step.settled', step: 'pause', out: 'ok' },
  { type: 'attempt.ended', step: 'all/k/x', n: 1, data: 1 },
];

test('the spans of a step that is renamed end, and are those that its calls and children were told of', () => {
  const { take } = createRunSpans('r');
  const spans = EVENTS.flatMap((event, i) => take(event, i));
  expect(spans).toMatchObject([
    { name: 'wait pause', startMs: 2, endMs: 6, spanId: spanIdOf('r', 'rest') },
    { name: 'invoke_agent ann', startMs: 3, endMs: 7, spanId: spanIdOf('r', 'm/k/x', 1) },
  ]);
});

test('the end of a try whose step is renamed is found', () => {
  const found: Observation[] = [];
  const { take } = createTries(
    'r',
    () => 'think',
    (one) => found.push(one),
  );
  for (const [i, event] of EVENTS.entries()) take(i, event);
  expect(found).toMatchObject([{ step: 'm/k/x', n: 1, agent: 'ann', end: 'answered', latencyMs: 4 }]);
});

test('a renamed step is found by either name: in the tale of its run, and by who says what became of its answer', async () => {
  const plan = (steps: string, after: string) =>
    planWorkflow(parsePlan(`name: flow\nsteps: { ${steps}, held: { signal: go, after: [${after}] } }`));
  const site = await openSite({ agents: [functionAgent('ann', { skills: { think: () => 'x', guess: () => 'y' } })] });
  const { run, result } = await site.start(plan('a: { ask: think }', 'a'));
  const seen = (step: string) =>
    vi.waitFor(async () => expect((await tellRun(site.store, run)).steps.get(step)?.out).toBe('ok'));
  await seen('a');
  await site.replan(run, plan('b: { ask: think, was: a }', 'b'));
  await seen('b');
  const noted = async (step: string) => (await outcomeRow(site.store, run, step, true)).id;
  expect([await noted('a'), await noted('b')]).toEqual([`${run}|b`, `${run}|b`]);
  const before = await tellRun(site.store, run);
  expect(stepCalled(before, 'a')).toMatchObject({ step: 'b', was: ['a'], agents: ['ann'], output: 'x' });
  expect(stepCalled(before, 'b')).toBe(stepCalled(before, 'a'));
  // Another has the name now.
  await site.replan(run, plan('b: { ask: think }, a: { ask: guess }', 'a, b'));
  await site.signal(run, 'go');
  await result();
  expect(stepCalled(await tellRun(site.store, run), 'a')).toMatchObject({ step: 'a', output: 'y' });
  expect([await noted('a'), await noted('b')]).toEqual([`${run}|a`, `${run}|b`]);
  expect((await outcomeRow(site.store, run, 'b', true)).row).toMatchObject({ skill: 'think', said: { ann: 0 } });
  await site.stop();
});
