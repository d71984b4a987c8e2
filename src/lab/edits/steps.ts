/** Edits of single steps. `hold` is where v1 stops; calls of v2 are in `again`. */
import { z } from 'zod';
import { type Edit, of } from '../trial/index.ts';

export const stepEdits: Edit[] = [
  {
    name: 'nothing changed',
    v1: async (run) => [await run.ask('a', 1), await run.ask('hold'), await run.ask('b', 2)],
    v2: async (run) => [await run.ask('a', 1), await run.ask('hold'), await run.ask('b', 2)],
    again: ['hold()', 'b(2)'],
    output: ['a(1)', 'hold()', 'b(2)'],
  },
  {
    name: 'a settled step renamed with `was`',
    v1: async (run) => [await run.ask('a', 1, { name: 'old' }), await run.ask('hold')],
    v2: async (run) => [await run.ask('a', 1, { name: 'new', was: 'old' }), await run.ask('hold')],
    again: ['hold()'],
    output: ['a(1)', 'hold()'],
    check: ({ events, all }) => {
      assertOne(
        of(events, 'step.renamed').map((e) => `${e.was}>${e.step}`),
        'old>new',
      );
      assertNone(of(all, 'step.orphaned'));
    },
  },
  {
    name: 'a settled step renamed without `was`: worked again, the old one orphaned',
    v1: async (run) => [await run.ask('a', 1, { name: 'old' }), await run.ask('hold')],
    v2: async (run) => [await run.ask('a', 1, { name: 'new' }), await run.ask('hold')],
    again: ['a(1)', 'hold()'],
    output: ['a(1)', 'hold()'],
    check: ({ events }) =>
      assertOne(
        of(events, 'step.orphaned').map((e) => e.step),
        'old',
      ),
  },
  {
    name: 'an open step renamed with `was`',
    v1: async (run) => [await run.ask('a', 1), await run.ask('hold', 7, { name: 'old' })],
    v2: async (run) => [await run.ask('a', 1), await run.ask('hold', 7, { name: 'new', was: 'old' })],
    again: ['hold(7)'],
    output: ['a(1)', 'hold(7)'],
  },
  {
    name: 'a step renamed twice, in one scope and by its whole id',
    v1: (run) => run.all('j', { x: async (r) => [await r.ask('a', 1, { name: 'old' }), await r.ask('hold')] }),
    v2: (run) =>
      run.all(
        'k',
        { x: async (r) => [await r.ask('a', 1, { name: 'new', was: 'old' }), await r.ask('hold')] },
        { was: 'j' },
      ),
    again: ['hold()'],
    output: { x: ['a(1)', 'hold()'] },
  },
  {
    name: 'two names swapped',
    v1: async (run) => [
      await run.ask('a', 1, { name: 'x' }),
      await run.ask('b', 2, { name: 'y' }),
      await run.ask('hold'),
    ],
    v2: async (run) => [
      await run.ask('a', 1, { name: 'z', was: 'x' }),
      await run.ask('b', 2, { name: 'x', was: 'y' }),
      await run.ask('hold'),
    ],
    again: ['hold()'],
    output: ['a(1)', 'b(2)', 'hold()'],
  },
  {
    name: 'a step inserted before',
    v1: async (run) => [await run.ask('a', 1), await run.ask('hold')],
    v2: async (run) => [await run.ask('c'), await run.ask('a', 1), await run.ask('hold')],
    again: ['c()', 'hold()'],
    output: ['c()', 'a(1)', 'hold()'],
  },
  {
    name: 'a step inserted between',
    v1: async (run) => [await run.ask('a', 1), await run.ask('b', 2), await run.ask('hold')],
    v2: async (run) => [await run.ask('a', 1), await run.ask('c'), await run.ask('b', 2), await run.ask('hold')],
    again: ['c()', 'hold()'],
    output: ['a(1)', 'c()', 'b(2)', 'hold()'],
  },
  {
    name: 'a step inserted after',
    v1: async (run) => [await run.ask('a', 1), await run.ask('hold')],
    v2: async (run) => [await run.ask('a', 1), await run.ask('hold'), await run.ask('c')],
    again: ['hold()', 'c()'],
    output: ['a(1)', 'hold()', 'c()'],
  },
  {
    name: 'a settled step deleted',
    v1: async (run) => [await run.ask('a', 1), await run.ask('b', 2), await run.ask('hold')],
    v2: async (run) => [await run.ask('b', 2), await run.ask('hold')],
    again: ['hold()'],
    output: ['b(2)', 'hold()'],
    check: ({ events }) =>
      assertOne(
        of(events, 'step.orphaned').map((e) => e.step),
        'a',
      ),
  },
  {
    name: 'an open step deleted: nobody works it',
    v1: async (run) => [await run.ask('a', 1), await run.ask('hold')],
    v2: async (run) => [await run.ask('a', 1), await run.ask('b', 2)],
    again: ['b(2)'],
    output: ['a(1)', 'b(2)'],
  },
  {
    name: 'steps in another order',
    v1: async (run) => [await run.ask('a', 1), await run.ask('b', 2), await run.ask('hold')],
    v2: async (run) => [await run.ask('b', 2), await run.ask('a', 1), await run.ask('hold')],
    again: ['hold()'],
    output: ['b(2)', 'a(1)', 'hold()'],
  },
  {
    name: 'sequential steps made concurrent',
    v1: async (run) => [await run.ask('a', 1), await run.ask('b', 2), await run.ask('hold')],
    v2: (run) => Promise.all([run.ask('a', 1), run.ask('b', 2), run.ask('c'), run.ask('hold')]),
    again: ['c()', 'hold()'],
    output: ['a(1)', 'b(2)', 'c()', 'hold()'],
  },
  {
    name: 'another key: another step',
    v1: async (run) => [await run.ask('a', 1, { key: 1 }), await run.ask('hold')],
    v2: async (run) => [await run.ask('a', 1, { key: 'one' }), await run.ask('hold')],
    again: ['a(1)', 'hold()'],
    output: ['a(1)', 'hold()'],
  },
  {
    name: 'another key, with `was`',
    v1: async (run) => [await run.ask('a', 1, { key: 1 }), await run.ask('hold')],
    v2: async (run) => [await run.ask('a', 1, { key: 'one', was: 'a#1' }), await run.ask('hold')],
    again: ['hold()'],
    output: ['a(1)', 'hold()'],
  },
  {
    name: 'another name, the same key, with `was`',
    v1: async (run) => [await run.ask('a', 1, { name: 'x', key: 5 }), await run.ask('hold')],
    v2: async (run) => [await run.ask('a', 1, { name: 'y', key: 5, was: 'x' }), await run.ask('hold')],
    again: ['hold()'],
    output: ['a(1)', 'hold()'],
  },
  {
    name: 'a former name that is still in use is no former name',
    v1: async (run) => [await run.ask('a', 1), await run.ask('hold')],
    v2: async (run) => [
      await run.ask('a', 1),
      await run.ask('a', 1, { name: 'also', was: 'a' }),
      await run.ask('hold'),
    ],
    again: ['a(1)', 'hold()'],
    output: ['a(1)', 'a(1)', 'hold()'],
  },
  {
    name: 'what the workflow returns, and its schema',
    v1: async (run) => [await run.ask('a', 1), await run.ask('hold')],
    v2: async (run) => ({ first: await run.ask('a', 1), last: await run.ask('hold') }),
    options: { output: z.unknown() },
    again: ['hold()'],
    output: { first: 'a(1)', last: 'hold()' },
  },
  {
    name: 'retry, timeouts, ceiling and labels of a settled step',
    v1: async (run) => [await run.ask('a', 1), await run.ask('hold')],
    v2: async (run) => [
      await run.ask('a', 1, { retry: { tries: 9 }, timeoutMs: 5_000, ceiling: { money: 1 }, labels: ['x'] }),
      await run.ask('hold'),
    ],
    again: ['hold()'],
    output: ['a(1)', 'hold()'],
  },
  {
    name: 'a wait made longer goes on from where it began',
    v1: async (run) => {
      await run.wait('rest', { ms: 1_000 });
      return run.now();
    },
    v2: async (run) => {
      await run.wait('rest', { ms: 5_000 });
      return run.now();
    },
    again: [],
    check: ({ state, all }) => {
      const asked = of(all, 'step.asked').find((e) => e.step === 'rest');
      if (of(all, 'step.asked').filter((e) => e.step === 'rest').length !== 1 || asked === undefined)
        throw new Error('the wait was asked anew');
      const waitedMs = (state.output as number) - state.admittedAt;
      if (waitedMs < 5_000 || waitedMs > 5_200) throw new Error(`waited ${waitedMs} ms`);
    },
  },
  {
    name: 'a wait made shorter than what has passed is over',
    v1: async (run) => {
      await run.wait('rest', { ms: 100_000_000 });
      return run.now();
    },
    v2: async (run) => {
      await run.wait('rest', { ms: 15 });
      return run.now();
    },
    again: [],
    check: ({ state }) => {
      const waitedMs = (state.output as number) - state.admittedAt;
      if (waitedMs > 200) throw new Error(`waited ${waitedMs} ms`);
    },
  },
];

export function assertOne(found: readonly unknown[], wanted: unknown): void {
  if (found.length !== 1 || found[0] !== wanted)
    throw new Error(`wanted ${String(wanted)}, found ${JSON.stringify(found)}`);
}

export function assertNone(found: readonly unknown[]): void {
  if (found.length > 0) throw new Error(`wanted none, found ${JSON.stringify(found)}`);
}
