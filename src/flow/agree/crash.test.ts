/** A crash in the middle of a deliberation: what was said stands, what was open is asked again, the verdict is the same. */
import { expect, test } from 'vitest';
import type { Json } from '../../base/index.ts';
import { stateToText, textToState } from '../../model/index.ts';
import { candidates, given, type Given } from '../../../test/workloads/given.ts';

const spec = { skill: 's', agree: { by: 'ranked', panel: 3, judge: 'j', gate: false } };

function opened(): Given {
  const run = given();
  run.ask('a', { spec, data: 'which?' });
  run.take(candidates('u', 'v', 'w'));
  run.take({ ...candidates('x', 'y'), skill: 'j' } as never);
  return run;
}

const says = (run: Given, n: number, data: Json) => run.take({ in: 'answer', step: 'a', n, data });
const asked = (decision: ReturnType<Given['take']>) =>
  decision.commands.flatMap((command) => (command.do === 'askAgent' ? [command] : []));

function answerAll(run: Given): ReturnType<typeof asked> {
  says(run, 1, 'one');
  says(run, 2, 'two');
  return asked(says(run, 3, 'three'));
}

/** The judges like what is last in the alphabet. */
const judge = ({ data }: ReturnType<typeof asked>[number]): Json => {
  const { answers } = data as { answers: string[] };
  return { winner: answers[0]! > answers[1]! ? 'a' : 'b' };
};

test('judges see answers without names, under their own skill', () => {
  const comparisons = answerAll(opened());
  expect(comparisons.length).toBe(6);
  for (const one of comparisons) {
    expect(one.skill).toBe('j');
    expect(['x', 'y']).toContain(one.agent);
    expect(JSON.stringify(one.data)).not.toMatch(/"[uvw]"/);
  }
});

test('the verdict after a takeover between any two judgements is the one without it', () => {
  const whole = opened();
  const comparisons = answerAll(whole);
  for (const one of comparisons) says(whole, one.n, judge(one));
  const verdict = whole.state.steps.get('a')!;
  expect(verdict.output).toBe('two');

  for (let crash = 0; crash < comparisons.length; crash++) {
    const run = opened();
    for (const one of answerAll(run).slice(0, crash)) says(run, one.n, judge(one));
    // What is in memory is gone: only what the fold of the journal holds is taken on.
    const kept = textToState(stateToText(run.state));
    Object.assign(run.state, kept);
    run.take({ in: 'claim', worker: 'w2', epoch: 2 });
    const again = asked(run.ask('a', { spec, data: 'which?' }));
    expect(again.map((one) => one.n)).toEqual(comparisons.slice(crash).map((one) => one.n));
    expect(again.map((one) => one.data)).toEqual(comparisons.slice(crash).map((one) => one.data));
    for (const one of again) says(run, one.n, judge(one));
    expect(run.state.steps.get('a')!.output).toBe('two');
  }
});

test('an answer that comes after the verdict changes nothing', () => {
  const run = opened();
  for (const one of answerAll(run)) says(run, one.n, judge(one));
  const late = says(run, 1, 'other');
  expect(late.events).toEqual([]);
  expect(run.state.steps.get('a')!.output).toBe('two');
});
