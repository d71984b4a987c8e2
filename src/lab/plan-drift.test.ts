/** Plans that are changed while a run is under way, and ask otherwise what was worked. */
import { describe, expect, test } from 'vitest';
import { beginEdited } from './play-edited.ts';
import { NEVER } from './play.ts';

describe('another input of a settled step is drift', () => {
  const before = `steps: { a: { code: echo, with: 1 }, b: { code: held }, c: { code: echo, after: [a, b], with: '\${steps.a}' } }`;
  const after = (more = '') =>
    `steps: { a: { code: echo, with: 2${more} }, b: { code: held }, c: { code: echo, after: [a, b], with: '\${steps.a}' } }`;

  test('a person decides, and nothing is built on it until then', () => {
    const { edit, let: answer, play } = beginEdited(before);
    edit(after());
    answer('b');
    expect(play.story('drift.found', 'fault.escalated')).toEqual(['drift.found a', 'fault.escalated a']);
    expect(play.step('c')).toBeUndefined();
    expect(play.ended).toBeUndefined();
    expect(play.drift('a', 'redo').ended).toMatchObject({ output: 2 });
  });

  test('keep, said by a person or by the plan', () => {
    const person = beginEdited(before);
    person.edit(after());
    person.let('b');
    expect(person.play.drift('a', 'keep').ended).toMatchObject({ output: 1 });
    const plan = beginEdited(before);
    plan.edit(after(', drift: keep'));
    expect(plan.let('b').ended).toMatchObject({ output: 1 });
  });

  test('a plan that is taken back leaves nothing to decide', () => {
    const { edit, let: answer, play } = beginEdited(before);
    edit(after());
    answer('b');
    edit(before);
    expect(play.ended).toMatchObject({ outcome: 'completed', output: 1 });
    expect(play.calls.get('a')).toBe(1);
  });

  test('a third plan is what is decided about: one word is enough', () => {
    const { edit, let: answer, play } = beginEdited(before);
    edit(after());
    answer('b');
    edit(after().replace('with: 2', 'with: 3'));
    expect(play.story('drift.found', 'fault.escalated')).toEqual([
      'drift.found a',
      'fault.escalated a',
      'drift.found a',
      'fault.escalated a',
    ]);
    expect(play.drift('a', 'keep').ended).toMatchObject({ outcome: 'completed', output: 1 });
  });

  test('redo, said by the plan', () => {
    const { edit, let: answer, play } = beginEdited(before);
    edit(after(', drift: redo'));
    expect(answer('b').ended).toMatchObject({ output: 2 });
    expect(play.calls.get('a')).toBe(2);
  });

  test('what was built on it drifts in turn, when its own input turns out to be another', () => {
    const {
      edit,
      let: answer,
      play,
    } = beginEdited(`
steps:
  a: { code: echo, with: 1, drift: redo }
  same: { code: echo, after: a, with: constant }
  built: { code: echo, with: '\${steps.a}', drift: redo }
  b: { code: held }
output: ['\${steps.same}', '\${steps.built}']`);
    edit(`
steps:
  a: { code: echo, with: 2, drift: redo }
  same: { code: echo, after: a, with: constant }
  built: { code: echo, with: '\${steps.a}', drift: redo }
  b: { code: held }
output: ['\${steps.same}', '\${steps.built}']`);
    expect(answer('b').ended).toMatchObject({ output: ['constant', 2] });
    expect(play.calls.get('same')).toBe(1);
    expect(play.calls.get('built')).toBe(2);
  });
});

test('another input of an open effect that may have happened is drift, not a second effect', () => {
  const { edit, play } = beginEdited(`steps: { pay: { effect: pay, with: 1 } }`, {
    agents: { pay: () => NEVER },
    effects: { pay: { effect: 'idempotent' } },
  });
  edit(`steps: { pay: { effect: pay, with: 2 } }`);
  expect(play.step('pay')?.at).toBe('drifted');
  expect(play.calls.get('pay')).toBe(1);
  // Its answer comes: it is kept, and counts once somebody has said so.
  play.give({ in: 'answer', step: 'pay', n: 1, data: 'paid' });
  expect(play.ended).toBeUndefined();
  expect(play.drift('pay', 'keep').ended).toMatchObject({ outcome: 'completed', output: 'paid' });
});

test('the plan is taken back: its answer counts, whether it came before or comes now', () => {
  for (const isLate of [false, true]) {
    const { edit, play } = beginEdited(`steps: { pay: { effect: pay, with: 1 } }`, {
      agents: { pay: () => NEVER },
      effects: { pay: { effect: 'idempotent' } },
    });
    edit(`steps: { pay: { effect: pay, with: 2 } }`);
    const answer = () => play.give({ in: 'answer', step: 'pay', n: 1, data: 'paid' });
    if (!isLate) answer();
    edit(`steps: { pay: { effect: pay, with: 1 } }`);
    if (isLate) answer();
    expect(play.ended).toMatchObject({ outcome: 'completed', output: 'paid' });
    expect(play.calls.get('pay')).toBe(1);
  }
});

describe('what a run still waited for is no longer in the plan, and something else is asked otherwise', () => {
  test('a person decides about that first; the run does not end over it', () => {
    const { edit, play } = beginEdited(`steps: { a: { code: echo, with: 1 }, b: { code: held } }`);
    edit(`steps: { a: { code: echo, with: 2 } }`);
    expect(play.ended).toBeUndefined();
    expect(play.step('a')?.driftHash).toBeDefined();
    expect(play.drift('a', 'redo').ended).toMatchObject({ outcome: 'completed', output: 2 });
  });

  test('what had failed is asked anew, and the run does not fail over it', () => {
    const { edit, play } = beginEdited(`steps: { a: { code: fail }, b: { code: held } }`);
    edit(`steps: { a: { code: echo, with: 2 } }`);
    expect(play.ended).toMatchObject({ outcome: 'completed', output: 2 });
  });

  test('in a branch of a map, too', () => {
    const map = (body: string) => `steps: { m: { map: '["k"]', key: item, steps: ${body}, output: '\${steps.a}' } }`;
    const { edit, play } = beginEdited(map(`{ a: { code: echo, with: 1 }, b: { code: held } }`));
    edit(map(`{ a: { code: echo, with: 2 } }`));
    expect(play.ended).toBeUndefined();
    expect(play.drift('m/k/a', 'redo').ended).toMatchObject({ outcome: 'completed', output: [2] });
  });
});
