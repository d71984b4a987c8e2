/** Steps that one plan takes away and a later one has again, and what is worked anew with all that is inside of it. */
import { describe, expect, test } from 'vitest';
import { beginEdited } from './play-edited.ts';
import { NEVER } from './play.ts';

const held = `b: { code: held }`;

describe('taken away while it is open, and there again', () => {
  test('a child run in a map is cancelled, and another is begun; what the first held of the budget comes back', () => {
    let answers = false;
    const plan = `{ ${held}, all: { map: '["x"]', key: item, steps: { sub: { workflow: other, budget: { money: 3 } } } } }`;
    const {
      edit,
      let: answer,
      play,
    } = beginEdited(`budget: { money: 8 }\nsteps: ${plan}`, {
      children: { other: () => (answers ? 'done' : NEVER) },
    });
    edit(`budget: { money: 8 }\nsteps: { ${held} }`);
    expect(play.step('all')).toBeUndefined();
    answers = true;
    edit(`budget: { money: 8 }\nsteps: ${plan}\noutput: '\${steps.all}'`);
    expect(play.events('child.started').map((one) => one.run)).toEqual(['run.all.x.sub', 'run.all.x.sub.r2']);
    expect(play.state.budget.held).toEqual({ money: 3 });
    play.give({
      in: 'child',
      step: 'all/x/sub',
      run: 'run.all.x.sub',
      outcome: 'cancelled',
      spent: { money: 1 },
      letter: '',
    });
    expect(play.state.budget).toMatchObject({ held: { money: 0 }, spent: { money: 1 } });
    expect(answer('b').ended).toMatchObject({ outcome: 'completed', output: ['done'] });
  });

  test('a call with an effect was out in a map: it is not begun anew', () => {
    const plan = `{ ${held}, all: { map: '["x"]', key: item, steps: { pay: { effect: pay } } } }`;
    const { edit, play } = beginEdited(`steps: ${plan}`, {
      agents: { pay: () => NEVER },
      effects: { pay: { effect: 'idempotent' } },
    });
    edit(`steps: { ${held} }`);
    edit(`steps: ${plan}`);
    expect(play.step('all')?.out).toBe('cancelled');
    expect(play.events('attempt.begun')).toHaveLength(1);
  });
});

test('a child run that ended well is not run again for a plan that has its step again', () => {
  const plan = `{ ${held}, sub: { workflow: other }, all: { map: '["x"]', key: item, steps: { sub: { workflow: other } } } }`;
  const { edit, let: answer, play } = beginEdited(`steps: ${plan}`, { children: { other: () => 'done' } });
  edit(`steps: { ${held} }`);
  edit(`steps: ${plan}\noutput: '\${[steps.sub, steps.all]}'`);
  expect(answer('b').ended).toMatchObject({ outcome: 'completed', output: ['done', ['done']] });
  expect(play.events('child.started')).toHaveLength(2);
});
