/** A step's wake-ups go when it is asked anew, and the new ones come: the store keeps one letter of an id. */
import { expect, test } from 'vitest';
import { Fault, faultToData } from '../../base/index.ts';
import { candidates, given } from '../../../test/workloads/given.ts';

const wait = (waitMs: number) => ({ kind: 'wait', hash: `${waitMs}`, spec: { waitMs } }) as const;

test('a wait asked for another time withdraws its letter and sends another, due from where it began', () => {
  const run = given();
  run.ask('w', wait(60_000));
  const askedAt = run.state.at;
  const again = run.ask('w', wait(10));
  expect(again.take).toEqual(['t:wait|w']);
  expect(again.send).toMatchObject([{ id: 't:wait|w', dueMs: askedAt + 10 }]);
});

test('a wait that is begun and cancelled in one decision sends nothing', () => {
  const run = given();
  run.take({ in: 'cancel', by: { id: 'me', rights: ['*'] }, reason: 'enough', why: 'asked' });
  const late = run.ask('w', wait(60_000));
  expect(late.send.filter((letter) => letter.to === 'r')).toEqual([]);
});

test('a retry of what was asked before does not come to what is asked now', () => {
  const run = given();
  run.ask('a', {});
  run.take(candidates('x'));
  const fault = faultToData(new Fault('agent.busy', 'not now'));
  const failed = run.take({ in: 'answer', step: 'a', n: 1, fault });
  expect(failed.send).toMatchObject([{ id: 't:retry|a|x' }]);
  const again = run.ask('a', { hash: 'other' });
  expect(again.take).toEqual(['t:retry|a|x']);
  expect([...run.state.timers]).toEqual([]);
  expect(run.take({ in: 'timer', id: 'retry|a|x', letter: 't:retry|a|x' }).events).toEqual([]);
});
