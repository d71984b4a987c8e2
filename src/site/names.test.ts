/** Who reads a journal knows a step again under its new name. */
import { expect, test } from 'vitest';
import type { Event } from '../model/index.ts';
import type { Observation } from './facts/index.ts';
import { createTries } from './facts/tries.ts';
import { spanIdOf } from './telemetry/context.ts';
import { createRunSpans } from './telemetry/spans.ts';

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
