/** What healed a failure is learned, used, and forgotten. */
import { describe, expect, test } from 'vitest';
import { Fault, faultToData } from '../base/index.ts';
import { candidates, given } from '../../test/workloads/given.ts';
import { type Cures, failureSign, type Input, learnCure, lessonOf, MAX_SIGNS } from './index.ts';

const broken = (message: string) => faultToData(new Fault('agent.failed', message));
const fails = (n: number, message: string): Input => ({ in: 'answer', step: 'a', n, fault: broken(message) });

test('the class of a message is what stays when numbers and names change', () => {
  const sign = failureSign('x', broken("page 17 of 'report-2.pdf' is too large"));
  expect(sign).toBe(failureSign('x', broken("page 4 of 'other.pdf' is too large")));
  expect(sign).not.toBe(failureSign('x', broken('the key has run out')));
  expect(sign).not.toBe(failureSign('y', broken("page 17 of 'report-2.pdf' is too large")));
});

test('who is asked because another failed may heal that failure; a panel and a retry teach nothing', () => {
  const run = given();
  run.ask('a', {});
  run.take(candidates('x', 'y', 'z'));
  const lesson = (of: typeof run, n: number) => lessonOf(of.state.steps.get('a')!, n);
  expect(lesson(run, 1)).toBeUndefined();
  run.take(fails(1, 'no'));
  expect(lesson(run, 2)).toEqual({ signs: [failureSign('x', broken('no'))], agent: 'y' });
  run.take(fails(2, 'neither'));
  expect(lesson(run, 3)).toEqual({
    signs: [failureSign('x', broken('no')), failureSign('y', broken('neither'))],
    agent: 'z',
  });
  expect(lesson(run, 1)).toBeUndefined();
  const panel = given();
  panel.ask('a', { spec: { skill: 's', agree: { by: 'majority', panel: 3 } } });
  panel.take(candidates('x', 'y', 'z'));
  panel.take(fails(1, 'no'));
  expect(lesson(panel, 2)).toBeUndefined();
});

test('it counts more each time it helps, and is forgotten when it does not', () => {
  let cures: Cures = learnCure({}, 's', true);
  expect(cures).toEqual({ s: 0.5 });
  expect(learnCure(cures, 's', false)).toEqual({});
  for (let i = 0; i < 20; i++) cures = learnCure(cures, 's', true);
  expect(cures.s).toBeGreaterThan(0.99);
  expect(learnCure(learnCure(cures, 's', false), 's', false)).toEqual({});
  expect(learnCure({}, 's', false)).toEqual({});
  for (let i = 0; i < 9; i++) cures = learnCure(cures, `s${i}`, true);
  expect(Object.keys(cures)).toEqual(['s5', 's6', 's7', 's8']);
  expect(Object.keys(cures)).toHaveLength(MAX_SIGNS);
});

describe('in a run', () => {
  const sign = failureSign('x', broken('no page #'));
  const told = candidates(
    { agent: 'x', score: 3 },
    { agent: 'y', score: 2 },
    { agent: 'z', score: 1, cures: { [sign]: 0.75 } },
  );
  const second = (message: string): string | undefined => {
    const run = given();
    run.ask('a', {});
    run.take(told);
    const begun = run.take(fails(1, message)).events.at(-1);
    return begun?.type === 'attempt.begun' ? begun.agent : undefined;
  };

  test('what healed this failure before is asked next; after another failure the best is', () => {
    expect(second('no page 12')).toBe('z');
    expect(second('no paper')).toBe('y');
  });
});
