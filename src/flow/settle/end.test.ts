/** How runs come to their end. */
import { expect, test } from 'vitest';
import { candidates, given, types } from '../../../test/workloads/given.ts';

const returned = { in: 'returned', continueWith: { run: 'r~2' }, unasked: [] } as const;

test('continue as new waits for effects that are still out', () => {
  const run = given();
  run.ask('e', { kind: 'effect' });
  run.take(candidates({ agent: 'x', effect: 'idempotent', keyed: true }));
  const left = run.take({ ...returned, unasked: [] });
  expect(types(left)).toEqual(['step.settled', 'run.ending']);
  expect(left.commands.map((command) => command.do)).not.toContain('startRun');
  const late = run.take({ in: 'answer', step: 'e', n: 1, data: 1 });
  expect(late.events).toMatchObject([{ type: 'attempt.ended', late: true }]);
  expect(late.commands).toMatchObject([{ do: 'startRun', run: 'r~2' }]);
  expect(types(run.take({ in: 'begun', run: 'r~2' }))).toEqual(['run.ended']);
});

test('the next run is begun once, and again after a takeover', () => {
  const run = given();
  run.ask('open', { kind: 'signal', spec: { signal: 'go' } });
  const left = run.take({ ...returned, unasked: [] });
  expect(left.commands.filter((command) => command.do === 'startRun')).toHaveLength(1);
  const again = run.take({ in: 'claim', worker: 'w2', epoch: 2 });
  expect(again.commands.filter((command) => command.do === 'startRun')).toHaveLength(1);
});
