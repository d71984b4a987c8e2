/** What waits for a step, and what it has done, when a plan gives it another name or takes it away. */
import { describe, expect, test } from 'vitest';
import { parsePlan } from '../author/index.ts';
import { Fault, faultToData } from '../base/index.ts';
import type { Decision, Plan } from '../model/index.ts';
import { candidates, given } from '../../test/workloads/given.ts';
import { beginEdited } from './play-edited.ts';

const planned = (steps: string): { hash: string; plan: Plan } => ({
  hash: steps,
  plan: parsePlan(`name: trip\nsteps: { ${steps} }\noutput: '\${steps}'`),
});
const said = ({ events }: Decision, type: string) => events.filter((event) => event.type === type);

describe('a step that waits for its parent`s budget', () => {
  const begin = () => {
    const parent = { run: 'p', step: 's', draws: true };
    const run = given({ plan: planned('a: { ask: s, with: 1 }'), budget: { money: 0 }, parent });
    const { events } = run.take(candidates({ agent: 'x', price: { money: 1 } }));
    const [want] = events.flatMap((event) => (event.type === 'budget.wanted' ? [event.id] : []));
    return { run, want: want! };
  };

  test('begins under its new name when that is granted', () => {
    const { run, want } = begin();
    run.take({ in: 'replan', plan: planned('b: { ask: s, with: 1, was: a }') });
    const heard = run.take({ in: 'budget', say: 'heard', id: want, granted: { money: 1 }, letter: '' });
    expect(said(heard, 'attempt.begun')).toMatchObject([{ step: 'b' }]);
  });

  test('and is worked anew meanwhile: what was said of the former want is no answer to the new one', () => {
    const { run, want } = begin();
    const again = run.take({ in: 'replan', plan: planned('a: { ask: s, with: 2 }') });
    const [wanted] = said(again, 'budget.wanted') as { id: string }[];
    run.take({ in: 'budget', say: 'heard', id: want, letter: '' });
    expect(run.state.steps.get('a')).toMatchObject({ at: 'budget', settledSeq: 0 });
    const heard = run.take({ in: 'budget', say: 'heard', id: wanted!.id, granted: { money: 1 }, letter: '' });
    expect(said(heard, 'attempt.begun')).toMatchObject([{ step: 'a' }]);
  });
});

test('effects of items that are done go by the map`s new name: given other items it drifts, and does none of them again', () => {
  const map = (name: string, list: string, was = '') =>
    planned(
      `${name}: { map: '${list}', key: item.id, width: 1, steps: { x: { effect: s, with: '\${item}' } } ${was} }`,
    );
  const run = given({ plan: map('m', '[{"id": "k", "n": 1}, {"id": "l", "n": 2}]') });
  run.take(candidates({ agent: 'x', effect: 'reversible', undoes: true }));
  run.take({ in: 'answer', step: 'm/k/x', n: 1, data: 'did' });
  expect(run.state.effects).toMatchObject([{ step: 'm/k/x' }]);
  run.take({ in: 'answer', step: 'm/l/x', n: 1, fault: faultToData(new Fault('agent.busy', 'no')) });
  const changed = run.take({ in: 'replan', plan: map('n', '[{"id": "k", "n": 10}]', ', was: m') });
  expect(run.state.effects).toMatchObject([{ step: 'n/k/x' }]);
  expect(said(changed, 'drift.found')).toMatchObject([{ step: 'n' }]);
});

test('an undo that waits to be tried again is tried when its step is renamed', () => {
  const ways = (name: string, was = '') =>
    planned(
      `${name}: { ask: s, alternatives: [ { steps: { hotel: { effect: h }, rest: { ask: t, after: hotel } } }, { ask: u } ] ${was} }`,
    );
  const run = given({ plan: ways('stay') });
  const know = (skill: string, facts: object) =>
    run.take({ ...candidates({ agent: skill, ...facts }), skill } as never);
  know('s', { healthy: false });
  know('h', { effect: 'reversible', undoes: true, price: { money: 0 } });
  know('t', {});
  know('u', { price: { money: 9 } });
  run.take({ in: 'answer', step: 'stay/hotel', n: 1, data: 'booked' });
  run.take({ in: 'answer', step: 'stay/rest', n: 1, fault: faultToData(new Fault('agent.refused', 'no')) });
  run.take({ in: 'undone', step: 'stay/hotel', fault: faultToData(new Fault('agent.busy', 'not now')) });
  expect([...run.state.timers.keys()]).toEqual(['undo|stay/hotel']);
  const changed = run.take({ in: 'replan', plan: ways('night', ', was: stay') });
  expect(changed.take).toContain('t:undo|stay/hotel');
  expect(changed.send).toMatchObject([{ id: 't:undo|night/hotel' }]);
  const due = run.take({ in: 'timer', id: 'undo|night/hotel', letter: 't:undo|night/hotel' });
  expect(due.commands).toMatchObject([{ do: 'undo', step: 'night/hotel' }]);
});

test('what was done in a way that was left follows its step, there and back', () => {
  const plan = (name: string, was = '') => `
steps:
  ${name}:
    ask: hard
    cost: 1
    alternatives: [{ steps: { seat: { effect: book }, no: { ask: hard, after: seat } } }]
    lesser: [slow]
    ${was}`;
  const agents = {
    book: () => 'a seat',
    hard: () => {
      throw new Error('no');
    },
  };
  const { edit, play } = beginEdited(plan('top'), {
    agents,
    effects: { book: { effect: 'reversible', undoes: true } },
  });
  expect(play.step('top')).toMatchObject({ lesser: 0, way: -1 });
  edit(plan('other', 'was: top'));
  expect([...play.state.steps.keys()].sort()).toEqual(['other', 'other/no', 'other/seat']);
  edit(plan('top'));
  expect([...play.state.steps.keys()].sort()).toEqual(['top', 'top/no', 'top/seat']);
  expect(play.state.effects.map(({ step }) => step)).toEqual(['top/seat']);
});
