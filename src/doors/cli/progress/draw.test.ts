import { expect, test } from 'vitest';
import type { Event } from '../../../model/index.ts';
import { createPaint, widthOf } from '../paint.ts';
import { drawRun } from './draw.ts';
import { look, newRunView, type RunView } from './view.ts';

const paint = createPaint(false);
const draw = (view: RunView, rows?: number, columns = 80) => drawRun(view, { columns, rows, paint, nowMs: view.at });

function seen(...events: Partial<Event>[]): RunView {
  const view = newRunView('r');
  events.forEach((event, seq) => look(view, { seq, at: 1_000 + seq * 10, in: 'answer', event: event as Event }));
  return view;
}

const admitted = { type: 'run.admitted', workflow: 'w', version: '1' } as const;
const asked = (step: string, kind: string, spec?: object) =>
  ({ type: 'step.asked', step, kind, spec }) as Partial<Event>;
const begun = (step: string, n: number, agent: string) => ({ type: 'attempt.begun', step, n, agent }) as Partial<Event>;
const ended = (step: string, n: number, fault?: object) =>
  ({ type: 'attempt.ended', step, n, fault }) as Partial<Event>;
const settled = (step: string, out = 'ok') => ({ type: 'step.settled', step, out }) as Partial<Event>;

test('steps stand under what they are inside of, with whom was asked', () => {
  const view = seen(
    admitted,
    asked('all', 'map', { branches: ['a', 'b'] }),
    asked('all/a/x', 'ask'),
    begun('all/a/x', 1, 'one'),
    ended('all/a/x', 1, { message: 'no' }),
    begun('all/a/x', 2, 'two'),
    ended('all/a/x', 2),
    settled('all/a/x'),
    { type: 'branch.ended', step: 'all', branch: 'a', out: 'ok' },
    asked('after', 'gate'),
  );
  expect(draw(view)).toEqual([
    'w@1  r                                                           running · 90 ms',
    ' ● all       1 of 2                                                        80 ms',
    '   ✓ a/x     one ✗  two                                                    50 ms',
    ' ? after     waits for a person                                             0 ms',
    '   skein approve r after',
    ' 1 settled · 1 for a person',
  ]);
});

test('what is at work and what failed is kept when there is no room; the rest is counted', () => {
  const keys = Array.from({ length: 40 }, (_, i) => `k${i}`);
  const view = seen(
    admitted,
    asked('all', 'map', { branches: keys }),
    ...keys.flatMap((key) => [asked(`all/${key}/x`, 'ask'), begun(`all/${key}/x`, 1, 'one')]),
    ...keys.slice(0, 38).map((key, i) => settled(`all/${key}/x`, i === 3 ? 'failed' : 'ok')),
  );
  const lines = draw(view, 8);
  expect(lines).toHaveLength(7);
  expect(lines.join('\n')).toMatch(/● all .*36 more[^]*✗ k3\/x[^]*● k38\/x[^]*● k39\/x/);
});

const drifted = (step: string) =>
  [
    { type: 'drift.found', step, had: 'a', has: 'b' },
    { type: 'fault.escalated', step, to: 'person', fault: { code: 'step.drift' }, cut: [] },
  ] as Partial<Event>[];

test('a step whose input has changed is decided on by a word of its own, after what waits for an answer', () => {
  const work = [admitted, asked('a', 'ask'), begun('a', 1, 'one'), ended('a', 1), settled('a')];
  const hint = (...events: Partial<Event>[]) => draw(seen(...work, ...events)).filter((line) => line.includes('skein'));
  const view = seen(...work, ...drifted('a'));
  expect(draw(view)[1]).toContain('its input has changed: keep, redo or fork?');
  expect(hint(...drifted('a'))).toEqual(['   skein drift r a keep|redo|fork']);
  expect(hint(...drifted('a'), asked('ok', 'gate'))).toEqual(['   skein approve r ok']);
  const kept = { type: 'drift.answered', step: 'a', choice: 'keep' } as Partial<Event>;
  expect(draw(seen(...work, ...drifted('a'), kept))).toEqual([
    expect.stringContaining('w@1'),
    expect.stringMatching(/✓ a +one /),
    ' 1 settled',
  ]);
});

test('of a run that has ended nothing is asked', () => {
  const view = seen(
    admitted,
    asked('a', 'ask'),
    settled('a'),
    ...drifted('a'),
    asked('b', 'effect'),
    begun('b', 1, 'one'),
    ...drifted('b'),
    settled('b', 'cancelled'),
    { type: 'run.ended', outcome: 'cancelled' },
  );
  const said = draw(view).join('\n');
  expect(said).toMatch(/✓ a [^]*– b /);
  expect(said).not.toMatch(/person|keep|skein/);
});

test('a map of many thousand items stays small', () => {
  const view = newRunView('r');
  let seq = 0;
  const take = (event: Partial<Event>): void =>
    look(view, { seq: seq++, at: seq, in: 'answer', event: event as Event });
  take(admitted);
  take(asked('all', 'map', { branches: [] }));
  for (let i = 0; i < 20_000; i++) {
    take(asked(`all/${i}/x`, 'ask'));
    take(settled(`all/${i}/x`));
  }
  expect(view.settled).toBe(20_000);
  expect(view.steps.size).toBeLessThan(300);
});

test('no line is wider than the terminal, however narrow it is', () => {
  const view = seen(
    admitted,
    asked('日本'.repeat(40), 'ask'),
    begun('日本'.repeat(40), 1, 'an agent with a very long name indeed'.repeat(3)),
    settled('日本'.repeat(40), 'failed'),
  );
  for (const columns of [40, 60, 80, 200])
    for (const line of draw(view, undefined, columns)) expect(widthOf(line)).toBeLessThanOrEqual(columns);
});
