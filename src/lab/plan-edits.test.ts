/**
 * Plans that are changed while a run is under way: each kind of edit, with what a user would want of it. Where what was
 * worked is asked otherwise (8, 10): plan-drift.test.ts.
 */
import { describe, expect, test } from 'vitest';
import { beginEdited } from './play-edited.ts';
import { NEVER } from './play.ts';

const asked = (play: { events: ReturnType<typeof beginEdited>['play']['events'] }) =>
  play.events('step.asked').map((event) => event.step);

describe('an edit of the plan, in flight', () => {
  test('1. a step added at the end is asked; what was settled is not worked again', () => {
    const { edit, let: answer, play } = beginEdited(`steps: { a: { code: say }, b: { code: held, after: a } }`);
    edit(`steps: { a: { code: say }, b: { code: held, after: a }, c: { code: echo, after: b, with: '\${steps.a}' } }`);
    answer('b');
    expect(play.ended).toMatchObject({ outcome: 'completed', output: 'a' });
    expect(asked(play)).toEqual(['a', 'b', 'c']);
  });

  test('2. a step added before one that is settled runs, and the settled one stays', () => {
    const { edit, let: answer, play } = beginEdited(`steps: { a: { code: say }, b: { code: held } }`);
    edit(`steps: { first: { code: say }, a: { code: say, after: first }, b: { code: held } }`);
    answer('b');
    expect(play.ended?.outcome).toBe('completed');
    expect(asked(play)).toEqual(['a', 'b', 'first']);
  });

  test('3. a settled step that is gone is orphaned', () => {
    const { edit, let: answer, play } = beginEdited(`steps: { a: { code: say }, b: { code: held } }`);
    edit(`steps: { b: { code: held } }`);
    expect(play.story('step.orphaned')).toEqual(['step.orphaned a']);
    expect(answer('b').ended).toMatchObject({ outcome: 'completed', output: 'held' });
  });

  test('4. an open step that is gone is cancelled, and the run goes on without it', () => {
    const { edit, play } = beginEdited(`steps: { a: { code: say }, b: { ask: slow }, c: { code: echo, after: b } }`);
    edit(`steps: { a: { code: say }, c: { code: echo, after: a, with: '\${steps.a}' } }`);
    expect(play.commands.some((c) => c.do === 'stopAttempt' && c.step === 'b')).toBe(true);
    expect(play.ended).toMatchObject({ outcome: 'completed', output: 'a' });
  });

  test('5. an effect that is gone while it is being worked is left to end, and undone should the run fail', () => {
    const { edit, play } = beginEdited(`steps: { pay: { effect: pay }, b: { code: held } }`, {
      agents: { pay: () => NEVER },
      effects: { pay: { effect: 'reversible', undoes: true } },
    });
    edit(`steps: { b: { code: held } }`);
    expect(play.step('pay')?.out).toBe('cancelled');
    play.give({ in: 'answer', step: 'pay', n: 1, data: 'paid' });
    play.give({ in: 'ran', step: 'b', fault: { code: 'step.failed', retry: 'never', message: 'no' } });
    play.go();
    expect(play.ended?.outcome).toBe('failed');
    expect(play.story('undo.begun', 'undo.ended')).toEqual(['undo.begun pay', 'undo.ended pay']);
  });

  test('6. a renamed step keeps its result; an open one keeps its work', () => {
    const { edit, play, again } = beginEdited(`
steps:
  a: { code: say }
  rest: { wait: 1h }
  b: { code: held, after: a }
  word: { gate: sre }`);
    edit(`
steps:
  alpha: { code: say, was: a }
  pause: { wait: 1h, was: rest }
  beta: { code: held, after: alpha, was: b }
  sign: { gate: sre, was: word }
output: ['\${steps.alpha}', '\${steps.beta}', '\${steps.sign.choice}']`);
    expect(play.story('step.renamed')).toHaveLength(4);
    expect(again().renamed).toEqual(play.state.renamed);
    // What was on its way under the former names still arrives.
    play.give({ in: 'ran', step: 'b', data: 'B' });
    play.approve('word');
    play.wait();
    expect(play.ended).toMatchObject({ outcome: 'completed', output: ['a', 'B', 'approve'] });
    expect(asked(play)).toEqual(['a', 'rest', 'word', 'b']);
  });

  test('6b. what came after a step that is renamed, however it was joined, was given the same', () => {
    const {
      edit,
      let: answer,
      play,
    } = beginEdited(`
steps:
  a: { code: say }
  b: { code: say }
  c: { code: echo, after: [a, b], join: settled, with: ['\${steps.a}', '\${steps.b}'] }
  d: { code: held, after: [a, b], join: any, with: '\${first}' }`);
    edit(`
steps:
  alpha: { code: say, was: a }
  b: { code: say }
  c: { code: echo, after: [alpha, b], join: settled, with: ['\${steps.alpha}', '\${steps.b}'] }
  d: { code: held, after: [alpha, b], join: any, with: '\${first}' }
output: ['\${steps.c}', '\${steps.d}']`);
    expect(play.story('drift.found', 'step.redone')).toEqual([]);
    expect(asked(play)).toEqual(['a', 'b', 'd', 'c']);
    expect(answer('d', 'D').ended).toMatchObject({ outcome: 'completed', output: [['a', 'b'], 'D'] });
  });

  test('7. another input of a step not asked yet is simply its input', () => {
    const {
      edit,
      let: answer,
      play,
    } = beginEdited(`steps: { a: { code: held }, b: { code: echo, after: a, with: 1 } }`);
    edit(`steps: { a: { code: held }, b: { code: echo, after: a, with: 2 } }`);
    expect(answer('a').ended).toMatchObject({ outcome: 'completed', output: 2 });
    expect(play.story('drift.found')).toEqual([]);
  });

  test('9. another input of an open step: pure work starts anew with it', () => {
    const { edit, play } = beginEdited(`steps: { a: { ask: slow, with: 1 } }`, {
      agents: { slow: (input) => (input === 1 ? NEVER : input) },
    });
    edit(`steps: { a: { ask: slow, with: 2 } }`);
    expect(play.ended).toMatchObject({ outcome: 'completed', output: 2 });
    expect(play.story('step.redone')).toEqual(['step.redone a']);
  });

  test('11. another skill for an open step: it is asked elsewhere at once', () => {
    const { edit, play } = beginEdited(`steps: { a: { ask: slow } }`);
    edit(`steps: { a: { ask: work, with: 3 } }`);
    expect(play.ended).toMatchObject({ outcome: 'completed', output: 3 });
  });

  test('12. a failed step that is mended runs again', () => {
    const {
      edit,
      let: answer,
      play,
    } = beginEdited(`steps: { a: { code: fail, with: 1 }, b: { code: held }, c: { code: say, after: a } }`);
    expect(play.step('c')?.out).toBe('skipped');
    edit(`steps: { a: { code: echo, with: 2 }, b: { code: held }, c: { code: say, after: a } }`);
    answer('b');
    expect(play.ended).toMatchObject({ outcome: 'completed', output: { b: 'held', c: 'c' } });
  });

  test('13. a skipped step whose condition holds now runs; one that ran and would not now stays', () => {
    const {
      edit,
      let: answer,
      play,
    } = beginEdited(`steps: { x: { code: say, if: input > 5 }, y: { code: say, if: input < 5 }, b: { code: held } }`, {
      input: 3,
    });
    edit(`steps: { x: { code: say, if: input > 2 }, y: { code: say, if: input < 2 }, b: { code: held } }`);
    expect(answer('b').ended?.output).toEqual({ x: 'x', y: 'y', b: 'held' });
    expect(asked(play)).toEqual(['y', 'b', 'x']);
  });

  test('14. other edges of a step that waits: it goes by the new ones', () => {
    const { edit, play } = beginEdited(
      `steps: { a: { code: say }, b: { ask: slow }, c: { code: say, after: [a, b] } }`,
    );
    edit(`steps: { a: { code: say }, b: { ask: slow }, c: { code: say, after: [a, b], join: any } }`);
    expect(play.step('b')?.out).toBe('cancelled');
    expect(play.ended).toMatchObject({ outcome: 'completed', output: 'c' });
  });

  test('15. another kind of step: an open one starts anew, a settled one is drift', () => {
    const open = beginEdited(`steps: { a: { ask: slow, with: 1 } }`);
    open.edit(`steps: { a: { code: echo, with: 1 } }`);
    expect(open.play.ended).toMatchObject({ output: 1 });
    const settled = beginEdited(`steps: { a: { code: echo, with: 1 }, b: { code: held } }`);
    settled.edit(`steps: { a: { ask: work, with: 1 }, b: { code: held } }`);
    expect(settled.play.story('drift.found')).toEqual(['drift.found a']);
  });

  test('16. the body of an open map: items under way and to come change, those done stay', () => {
    const body = (steps: string) =>
      `steps: { all: { map: input, key: item, width: 2, steps: { ${steps} }, output: '\${steps.x}' } }`;
    const { edit, play } = beginEdited(body(`x: { ask: slow, with: '\${item}' }`), {
      input: [1, 2, 3],
      agents: { slow: (item) => (item === 1 ? 'one' : NEVER) },
    });
    edit(body(`x: { code: echo, with: '\${item * 10}' }`));
    expect(play.ended).toMatchObject({ outcome: 'completed', output: ['one', 20, 30] });
  });

  test('17. a longer list, or a wider map: what is done is kept', () => {
    const map = (list: string, width: number) =>
      `steps: { all: { map: '${list}', key: item, width: ${width}, steps: { x: { code: item, with: '\${item}' } } } }`;
    let open = false;
    const { edit, play } = beginEdited(map('[1,2,3]', 1), {
      functions: { item: (item) => (item === 1 || open ? item : NEVER) },
    });
    edit(map('[1,2,3,4]', 3));
    expect([...play.state.open]).toEqual(['all', 'all/2/x', 'all/3/x', 'all/4/x']);
    open = true;
    for (const item of [4, 3, 2]) play.give({ in: 'ran', step: `all/${item}/x`, data: item });
    expect(play.go().ended).toMatchObject({ outcome: 'completed', output: [1, 2, 3, 4] });
    expect(play.calls.get('all/1/x')).toBe(1);
  });

  test('18. a list in which an item that was begun is another now: the map starts anew', () => {
    const map = (list: string) =>
      `steps: { all: { map: '${list}', key: item.id, width: 1, steps: { x: { code: item, with: '\${item.n}' } } } }`;
    const { edit, play } = beginEdited(map('[{"id": "a", "n": 1}, {"id": "b", "n": 2}]'), {
      functions: { item: (n) => (n === 2 ? NEVER : n) },
    });
    edit(map('[{"id": "a", "n": 10}, {"id": "b", "n": 20}]'));
    expect(play.ended).toMatchObject({ outcome: 'completed', output: [10, 20] });
  });

  test('19. a loop under way: the end and the body of the turns to come', () => {
    const loop = (turns: number, add: number) =>
      `steps: { l: { loop: 0, turns: ${turns}, steps: { x: { code: turn, with: '\${carry + ${add}}' } } } }`;
    const { edit, play } = beginEdited(loop(100, 1), { functions: { turn: (n) => (Number(n) === 5 ? NEVER : n) } });
    expect(play.step('l')).toMatchObject({ turn: 4, carry: 4 });
    edit(loop(6, 10));
    expect(play.ended).toMatchObject({ outcome: 'completed', output: 24 });
  });

  test('20. another output of the plan', () => {
    const { edit, let: answer } = beginEdited(`steps: { a: { code: say }, b: { code: held } }`);
    edit(`steps: { a: { code: say }, b: { code: held } }\noutput: '\${steps.a}'`);
    expect(answer('b').ended).toMatchObject({ output: 'a' });
  });

  test('21. a gate asks for another right: the one that waits asks for it at once', () => {
    const { edit, play } = beginEdited(`steps: { ok: { gate: sre } }`);
    edit(`steps: { ok: { gate: cto } }`);
    expect(play.step('ok')?.spec.right).toBe('cto');
    expect(play.approve('ok').ended?.outcome).toBe('completed');
  });

  test('22. retries and timeouts of an open step do not disturb its work', () => {
    const { edit, play } = beginEdited(`steps: { a: { ask: slow, timeout: 1m } }`);
    edit(`steps: { a: { ask: slow, timeout: 5m, retry: { tries: 9 } } }`);
    play.give({ in: 'answer', step: 'a', n: 1, data: 'there' });
    expect(play.ended).toMatchObject({ output: 'there' });
  });

  test('23. a wrong plan is refused, and the run goes on as it was', () => {
    const { play, let: answer } = beginEdited(`steps: { a: { code: held } }`);
    play.replan({
      name: 'test',
      version: '1',
      steps: [{ name: 'a', kind: 'code', spec: { code: 'held' }, after: [{ step: 'b' }] }],
    });
    expect(play.events('letter.refused')[0]?.fault.message).toContain("there is no step 'b'");
    expect(answer('a').ended).toMatchObject({ outcome: 'completed' });
  });

  test('24. the same plan again is nothing', () => {
    const { edit, play } = beginEdited(`steps: { a: { code: held } }`);
    const before = play.turns.length;
    edit(`steps: { a: { code: held } }`);
    expect(play.turns.length).toBe(before);
  });

  test('25. names change places: results follow their steps', () => {
    const { edit, let: answer } = beginEdited(
      `steps: { a: { code: say }, b: { code: held, after: a } }\noutput: '\${steps.a}'`,
    );
    edit(`steps: { old: { code: say, was: a }, b: { code: held, after: old } }\noutput: '\${steps.old}'`);
    expect(answer('b').ended).toMatchObject({ output: 'a' });
  });

  test('26. an edit, and a crash right after it', () => {
    const { edit, play, again } = beginEdited(
      `steps: { a: { code: say }, b: { code: held, after: a }, gone: { ask: slow } }`,
    );
    edit(`steps: { a: { code: say }, c: { code: held, after: a, was: b }, d: { code: say, after: c } }`);
    expect([...again().steps.keys()]).toEqual([...play.state.steps.keys()]);
    play.crash();
    play.go();
    play.give({ in: 'ran', step: 'c', data: 1 });
    expect(play.go().ended).toMatchObject({ outcome: 'completed', output: 'd' });
  });
});
