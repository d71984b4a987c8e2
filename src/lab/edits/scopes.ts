/** Edits of maps, joins and loops. */
import { type Edit, of } from '../trial/index.ts';
import type { Run } from '../../author/index.ts';
import { assertNone, assertOne } from './steps.ts';

interface Item {
  id: number;
  say?: string;
}

const itemKey = (item: Item): number => item.id;
const items = (...ids: number[]): Item[] => ids.map((id) => ({ id }));
/** The third item is where v1 stops. */
const body = (item: Item, run: Run): Promise<unknown> => run.ask(item.id === 3 ? 'hold' : 'a', item.say ?? item.id);

export const scopeEdits: Edit[] = [
  {
    name: 'items added to an open map',
    v1: (run) => run.map('m', items(1, 3), { itemKey }, body),
    v2: (run) => run.map('m', items(0, 1, 2, 3), { itemKey }, body),
    again: ['a(0)', 'a(2)', 'hold(3)'],
    output: ['a(0)', 'a(1)', 'a(2)', 'hold(3)'],
  },
  {
    name: 'items removed from an open map, done ones and the one that holds',
    v1: (run) => run.map('m', items(1, 2, 3, 4), { itemKey }, body),
    v2: (run) => run.map('m', items(2, 4), { itemKey }, body),
    again: [],
    output: ['a(2)', 'a(4)'],
  },
  {
    name: 'items of an open map in another order',
    v1: (run) => run.map('m', items(1, 2, 3), { itemKey }, body),
    v2: (run) => run.map('m', items(3, 2, 1), { itemKey }, body),
    again: ['hold(3)'],
    output: ['hold(3)', 'a(2)', 'a(1)'],
  },
  {
    name: 'an item of an open map changed: it alone is worked again',
    v1: (run) => run.map('m', items(1, 2, 3), { itemKey }, body),
    v2: (run) => run.map('m', [{ id: 1 }, { id: 2, say: 'two' }, { id: 3 }], { itemKey }, body),
    again: ['a("two")', 'hold(3)'],
    output: ['a(1)', 'a("two")', 'hold(3)'],
  },
  {
    name: 'the body of a map: done items keep what they gave',
    v1: (run) => run.map('m', items(1, 2, 3), { itemKey }, body),
    v2: (run) => run.map('m', items(1, 2, 3), { itemKey }, (item, r) => r.ask('b', item.id)),
    again: ['b(3)'],
    output: ['a(1)', 'a(2)', 'b(3)'],
    orOutputs: [
      ['a(1)', 'b(2)', 'b(3)'],
      ['b(1)', 'b(2)', 'b(3)'],
    ],
    later: [
      ['b(1)', 'a(2)', 'b(3)'],
      ['a(1)', 'a(2)', 'hold(3)'],
      ['b(1)', 'a(2)', 'hold(3)'],
      ['a(1)', 'b(2)', 'hold(3)'],
      ['b(1)', 'b(2)', 'hold(3)'],
    ],
  },
  {
    name: 'the width of a map',
    v1: (run) => run.map('m', items(1, 2, 3), { itemKey, width: 1 }, body),
    v2: (run) => run.map('m', items(1, 2, 3), { itemKey, width: 9 }, body),
    again: ['hold(3)'],
    output: ['a(1)', 'a(2)', 'hold(3)'],
  },
  {
    name: 'items added to a settled map, kept',
    v1: async (run) => [await run.map('m', items(1, 2), { itemKey }, body), await run.ask('hold')],
    v2: async (run) => [await run.map('m', items(1, 2, 4), { itemKey }, body), await run.ask('hold')],
    drift: 'keep',
    again: ['hold()'],
    output: [['a(1)', 'a(2)'], 'hold()'],
    orOutputs: [[['a(1)', 'a(2)', 'a(4)'], 'hold()']],
  },
  {
    name: 'items added to a settled map, redone',
    v1: async (run) => [await run.map('m', items(1, 2), { itemKey }, body), await run.ask('hold')],
    v2: async (run) => [await run.map('m', items(1, 2, 4), { itemKey }, body), await run.ask('hold')],
    drift: 'redo',
    again: ['a(1)', 'a(2)', 'a(4)', 'hold()'],
    output: [['a(1)', 'a(2)', 'a(4)'], 'hold()'],
  },
  {
    name: 'the body of a loop: turns done stay done',
    v1: (run) => run.loop('l', { from: 's', maxTurns: 3 }, (s, r, turn) => r.ask(turn === 2 ? 'hold' : 'a', s)),
    v2: (run) => run.loop('l', { from: 's', maxTurns: 3 }, (s, r) => r.ask('b', s)),
    again: ['b("a(\\"s\\")")', 'b("b(\\"a(\\\\\\"s\\\\\\")\\")")'],
    check: ({ state }) => {
      if (!JSON.stringify(state.output).includes('s')) throw new Error('the carried value is lost');
    },
  },
  {
    name: 'more turns for an open loop',
    v1: (run) =>
      run.loop('l', { from: 0, maxTurns: 2 }, async (n, r, turn) => (await r.ask(turn === 2 ? 'hold' : 'a', n), n + 1)),
    v2: (run) =>
      run.loop('l', { from: 0, maxTurns: 4 }, async (n, r, turn) => (await r.ask(turn === 2 ? 'hold' : 'a', n), n + 1)),
    again: ['hold(1)', 'a(2)', 'a(3)'],
    output: 4,
  },
  {
    name: 'fewer turns than an open loop has turned: it is over',
    v1: (run) =>
      run.loop('l', { from: 0, maxTurns: 9 }, async (n, r, turn) => (await r.ask(turn === 3 ? 'hold' : 'a', n), n + 1)),
    v2: (run) =>
      run.loop('l', { from: 0, maxTurns: 2 }, async (n, r, turn) => (await r.ask(turn === 3 ? 'hold' : 'a', n), n + 1)),
    again: [],
    output: 2,
    later: [3, 4, 5, 6, 7, 8, 9],
  },
  {
    name: 'what an open loop began with, kept',
    v1: (run) =>
      run.loop('l', { from: 0, maxTurns: 2 }, async (n, r, turn) => (await r.ask(turn === 2 ? 'hold' : 'a', n), n + 1)),
    v2: (run) =>
      run.loop(
        'l',
        { from: 10, maxTurns: 2 },
        async (n, r, turn) => (await r.ask(turn === 2 ? 'hold' : 'a', n), n + 1),
      ),
    drift: 'keep',
    again: ['hold(1)'],
    output: 2,
    orOutputs: [12],
  },
  {
    name: 'what an open loop began with, redone',
    v1: (run) =>
      run.loop('l', { from: 0, maxTurns: 2 }, async (n, r, turn) => (await r.ask(turn === 2 ? 'hold' : 'a', n), n + 1)),
    v2: (run) =>
      run.loop(
        'l',
        { from: 10, maxTurns: 2 },
        async (n, r, turn) => (await r.ask(turn === 2 ? 'hold' : 'a', n), n + 1),
      ),
    drift: 'redo',
    again: ['a(10)', 'hold(11)'],
    output: 12,
  },
  {
    name: 'a step wrapped in a branch of a join: another step',
    v1: async (run) => [await run.ask('a', 1), await run.ask('hold')],
    v2: async (run) => [(await run.all('j', { x: (r) => r.ask('a', 1) })).x, await run.ask('hold')],
    again: ['a(1)', 'hold()'],
    output: ['a(1)', 'hold()'],
    check: ({ events }) =>
      assertOne(
        of(events, 'step.orphaned').map((e) => e.step),
        'a',
      ),
  },
  {
    name: 'a step wrapped in a branch of a join, with `was`',
    v1: async (run) => [await run.ask('a', 1), await run.ask('hold')],
    v2: async (run) => [(await run.all('j', { x: (r) => r.ask('a', 1, { was: 'a' }) })).x, await run.ask('hold')],
    again: ['hold()'],
    output: ['a(1)', 'hold()'],
  },
  {
    name: 'a step moved from an open join to the top',
    v1: (run) => run.all('j', { x: (r) => r.ask('a', 1, { name: 's' }), y: (r) => r.ask('hold') }),
    v2: async (run) => {
      const x = await run.ask('a', 1, { name: 's', was: 'j/x/s' });
      return { x, ...(await run.all('j', { y: (r) => r.ask('hold') })) };
    },
    again: ['hold()'],
    output: { x: 'a(1)', y: 'hold()' },
  },
  {
    name: 'all made any, with one branch done: it is decided',
    v1: (run) => run.all('j', { x: (r) => r.ask('a', 1), y: (r) => r.ask('hold') }),
    v2: (run) => run.any('j', { x: (r) => r.ask('a', 1), y: (r) => r.ask('hold') }),
    again: [],
    output: { branch: 'x', value: 'a(1)' },
    later: [{ branch: 'y', value: 'hold()' }],
  },
  {
    name: 'any made all, with both open',
    v1: (run) => run.any('j', { x: (r) => r.ask('late'), y: (r) => r.ask('hold') }),
    v2: (run) => run.all('j', { x: (r) => r.ask('late'), y: (r) => r.ask('hold') }),
    held: ['hold', 'late'],
    again: ['late()', 'hold()'],
    output: { x: 'late()', y: 'hold()' },
  },
  {
    name: 'any made all, when it was settled: drift',
    v1: async (run) => [
      (await run.any('j', { x: (r) => r.ask('a', 1), y: (r) => r.ask('late') })).branch,
      await run.ask('hold'),
    ],
    v2: async (run) => [
      await run.all('j', { x: (r) => r.ask('a', 1), y: (r) => r.ask('late') }),
      await run.ask('hold'),
    ],
    held: ['hold', 'late'],
    drift: 'redo',
    again: ['a(1)', 'late()', 'hold()'],
    output: [{ x: 'a(1)', y: 'late()' }, 'hold()'],
  },
  {
    name: 'a branch added to an open join',
    v1: (run) => run.all('j', { x: (r) => r.ask('a', 1), y: (r) => r.ask('hold') }),
    v2: (run) => run.all('j', { x: (r) => r.ask('a', 1), y: (r) => r.ask('hold'), z: (r) => r.ask('c') }),
    again: ['hold()', 'c()'],
    output: { x: 'a(1)', y: 'hold()', z: 'c()' },
  },
  {
    name: 'the open branch taken out of a join',
    v1: (run) => run.all('j', { x: (r) => r.ask('a', 1), y: (r) => r.ask('hold') }),
    v2: (run) => run.all('j', { x: (r) => r.ask('a', 1) }),
    again: [],
    output: { x: 'a(1)' },
    check: ({ state }) => assertNone([...state.open]),
  },
  {
    name: 'the settled branch taken out of a join',
    v1: (run) => run.all('j', { x: (r) => r.ask('a', 1), y: (r) => r.ask('hold') }),
    v2: (run) => run.all('j', { y: (r) => r.ask('hold'), z: (r) => r.ask('c') }),
    again: ['hold()', 'c()'],
    output: { y: 'hold()', z: 'c()' },
  },
  {
    name: 'an open join made a map with the same keys',
    v1: (run) => run.all('j', { 1: (r) => r.ask('a', 1), 3: (r) => r.ask('hold', 3) }),
    v2: (run) => run.map('j', items(1, 3), { itemKey }, body),
    again: ['hold(3)'],
    output: ['a(1)', 'hold(3)'],
    orOutputs: [],
  },
  {
    name: 'an open loop made a join',
    v1: (run) => run.loop('x', { from: 0, maxTurns: 2 }, async (n, r) => (await r.ask('hold', n), n + 1)),
    v2: (run) => run.all('x', { one: (r) => r.ask('c') }),
    again: ['c()'],
    output: { one: 'c()' },
  },
];
