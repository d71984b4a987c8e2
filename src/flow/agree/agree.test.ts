/** Majority: sealed until all are in; a tie is no verdict. */
import { expect, test } from 'vitest';
import { Fault, faultToData, type Json } from '../../base/index.ts';
import { candidates, given, type Given, types } from '../../../test/workloads/given.ts';

function panel(size: number, more: Record<string, Json> = {}, agents = ['u', 'v', 'w', 'x', 'y']): Given {
  const run = given();
  run.ask('a', { spec: { skill: 's', agree: { by: 'majority', panel: size, ...more } } });
  run.take(candidates(...agents));
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
  const silence = panel(2, { again: false });
  fails(silence, 1);
  expect(fails(silence, 2).events.at(-1)).toMatchObject({ out: 'failed' });
});

test("those that fail are not waited for, and not replaced behind the others' backs", () => {
  const run = panel(3);
  says(run, 1, 'a');
  expect(types(fails(run, 2))).toEqual(['attempt.ended']);
  expect(says(run, 3, 'a').events.at(-1)).toMatchObject({ out: 'ok', from: 1 });
});

test('one that is left alone decides nothing: who failed in passing is asked once more, then there is no verdict', () => {
  const run = panel(3);
  fails(run, 1);
  fails(run, 2);
  const again = says(run, 3, 'a');
  expect(again.commands).toMatchObject([
    { do: 'askAgent', agent: 'u', n: 4 },
    { do: 'askAgent', agent: 'v', n: 5 },
  ]);
  expect(types(fails(run, 4))).toEqual(['attempt.ended']);
  const end = fails(run, 5);
  expect(types(end)).toEqual(['attempt.ended', 'agree.verdict', 'fault.escalated', 'step.settled']);
  expect(end.events[1]).toMatchObject({ why: 'the answer most often given has 1 of the 2 votes that it needs' });
  expect(end.events[1]).not.toHaveProperty('chosen', 3);

  const saved = panel(3);
  fails(saved, 1);
  fails(saved, 2);
  says(saved, 3, 'a');
  says(saved, 4, 'b');
  expect(says(saved, 5, 'b').events.at(-1)).toMatchObject({ out: 'ok', from: 4 });
});

test('who refuses is not asked again, nor anybody when it could change nothing', () => {
  const run = panel(3);
  const refuses = (n: number) =>
    run.take({ in: 'answer', step: 'a', n, fault: faultToData(new Fault('agent.refused', 'no')) });
  refuses(1);
  refuses(2);
  expect(says(run, 3, 'a').events.at(-1)).toMatchObject({ out: 'failed' });
  const split = panel(5);
  fails(split, 1);
  for (const n of [2, 3, 4]) says(split, n, n);
  expect(says(split, 5, 5).events.at(-1)).toMatchObject({ out: 'failed' });
});

test('a panel that is smaller than the step wants: nobody is asked for nothing, and `quorum` says what is enough', () => {
  const alone = panel(3, {}, ['u']);
  expect(alone.state.steps.get('a')).toMatchObject({ out: 'failed' });
  expect(alone.state.steps.get('a')?.attempts ?? []).toEqual([]);
  const enough = panel(3, { quorum: 1 }, ['u']);
  expect(says(enough, 1, 'a').events.at(-1)).toMatchObject({ out: 'ok', from: 1 });
});

test('a run of the first engine: the most votes of those that answered, as it was', () => {
  const run = given({ engine: 'skein/1' });
  run.ask('a', { spec: { skill: 's', agree: { by: 'majority', panel: 3 } } });
  run.take(candidates('u', 'v', 'w'));
  fails(run, 1);
  fails(run, 2);
  expect(says(run, 3, 'a').events.at(-1)).toMatchObject({ out: 'ok', from: 3 });
});
