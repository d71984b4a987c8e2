/** Majority: sealed until all are in; a tie is no verdict. */
import { expect, test } from 'vitest';
import { Fault, faultToData, type Json } from '../../base/index.ts';
import { candidates, given, type Given, types } from '../../../test/workloads/given.ts';

function panel(size: number): Given {
  const run = given();
  run.ask('a', { spec: { skill: 's', agree: { by: 'majority', panel: size } } });
  run.take(candidates('u', 'v', 'w', 'x', 'y'));
  return run;
}
const says = (run: Given, n: number, data: Json) => run.take({ in: 'answer', step: 'a', n, data });
const fails = (run: Given, n: number) =>
  run.take({ in: 'answer', step: 'a', n, fault: faultToData(new Fault('agent.failed', 'no')) });

test('nothing is decided before the last answer; the verdict holds its votes and its margin', () => {
  const run = panel(3);
  expect(run.state.steps.get('a')?.panel).toEqual(['u', 'v', 'w']);
  expect(types(says(run, 1, { x: 1, y: 2 }))).toEqual(['attempt.ended']);
  expect(types(says(run, 2, 'other'))).toEqual(['attempt.ended']);
  const last = says(run, 3, { y: 2, x: 1 });
  expect(last.events).toMatchObject([
    { type: 'attempt.ended' },
    {
      type: 'agree.verdict',
      chosen: 1,
      margin: 1,
      votes: [
        { n: 1, for: true },
        { n: 2, for: false },
        { n: 3, for: true },
      ],
    },
    { type: 'step.settled', out: 'ok', from: 1 },
  ]);
});

test('a tie is no verdict, and neither is silence', () => {
  const tie = panel(2);
  says(tie, 1, 'a');
  expect(says(tie, 2, 'b').events.at(-1)).toMatchObject({ out: 'failed', fault: { code: 'no-way-left' } });
  const silence = panel(2);
  fails(silence, 1);
  expect(fails(silence, 2).events.at(-1)).toMatchObject({ out: 'failed' });
});

test("those that fail are not waited for, and not replaced behind the others' backs", () => {
  const run = panel(3);
  says(run, 1, 'a');
  expect(types(fails(run, 2))).toEqual(['attempt.ended']);
  expect(says(run, 3, 'a').events.at(-1)).toMatchObject({ out: 'ok', from: 1 });
});
