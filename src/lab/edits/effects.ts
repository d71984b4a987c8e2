/** Edits around effects, persons, signals and children. Here v1 stops where a sink has worked and says nothing. */
import { type Edit, of } from '../trial/index.ts';
import { workflow } from '../../author/index.ts';
import { assertNone, assertOne } from './steps.ts';

const childCode = workflow('child', async (run, input: { n: number }) => [
  await run.ask('a', input.n),
  await run.ask('hold', input.n),
]);

const quick = workflow('quick', (run, input: { n: number }) => run.ask('a', input.n));

export const effectEdits: Edit[] = [
  {
    name: 'a settled keyed effect with another input, kept',
    v1: async (run) => [await run.effect('payx', 1), await run.ask('hold')],
    v2: async (run) => [await run.effect('payx', 2), await run.ask('hold')],
    drift: 'keep',
    again: ['hold()'],
    output: ['payx(1)', 'hold()'],
    orOutputs: [['payx(2)', 'hold()']],
  },
  {
    name: 'a settled reversible effect with another input, redone; both are undone at the end',
    v1: async (run) => [await run.effect('bookx', 1), await run.ask('hold')],
    v2: async (run) => {
      await run.effect('bookx', 2);
      await run.ask('hold');
      throw new Error('no');
    },
    drift: 'redo',
    again: ['bookx(2)', 'hold()'],
    check: ({ world }) => assertSame(world.undone, ['bookx', 'bookx']),
  },
  {
    name: "a redo of an effect is never the author's word alone",
    v1: async (run) => [await run.effect('bookx', 1), await run.ask('hold')],
    v2: async (run) => [await run.effect('bookx', 2, { drift: 'redo' }), await run.ask('hold')],
    drift: 'keep',
    again: ['hold()'],
    output: ['bookx(1)', 'hold()'],
    orOutputs: [['bookx(2)', 'hold()']],
  },
  {
    name: 'a settled reversible effect deleted: orphaned, and undone when the run fails',
    v1: async (run) => [await run.effect('bookx', 1), await run.ask('hold')],
    v2: async (run) => {
      await run.ask('hold');
      throw new Error('no');
    },
    again: ['hold()'],
    check: ({ world }) => assertSame(world.undone, ['bookx']),
  },
  {
    name: 'a settled reversible effect deleted: not undone when the run completes',
    v1: async (run) => [await run.effect('bookx', 1), await run.ask('hold')],
    v2: (run) => run.ask('hold'),
    again: ['hold()'],
    output: 'hold()',
    check: ({ world, events }) => {
      assertNone(world.undone);
      assertOne(
        of(events, 'step.orphaned').map((e) => e.step),
        'bookx',
      );
    },
  },
  {
    name: 'an open keyed effect renamed with `was` keeps its key',
    v1: async (run) => [await run.ask('a', 1), await run.effect('payx', 1, { name: 'old' })],
    v2: async (run) => [await run.ask('a', 1), await run.effect('payx', 1, { name: 'new', was: 'old' })],
    silent: ['payx'],
    again: ['payx(1)'],
    output: ['a(1)', 'payx(1)'],
    check: ({ world }) =>
      assertSame(
        [...world.worked].filter(([k]) => k.includes('old')).map(([, n]) => n),
        [1],
      ),
  },
  {
    name: 'an open unkeyed effect renamed with `was`: the sink is asked, not called again',
    v1: async (run) => [await run.ask('a', 1), await run.effect('bookx', 1, { name: 'old' })],
    v2: async (run) => [await run.ask('a', 1), await run.effect('bookx', 1, { name: 'new', was: 'old' })],
    silent: ['bookx'],
    again: [],
    output: ['a(1)', 'bookx(1)'],
  },
  {
    name: 'an open effect with another input, kept: it may have happened, so that is drift',
    v1: async (run) => [await run.ask('a', 1), await run.effect('bookx', 1)],
    v2: async (run) => [await run.ask('a', 1), await run.effect('bookx', 2)],
    silent: ['bookx'],
    drift: 'keep',
    again: [],
    output: ['a(1)', 'bookx(1)'],
    orOutputs: [['a(1)', 'bookx(2)']],
  },
  {
    name: 'an open effect that has happened deleted: it is undone, however the run ends',
    v1: async (run) => [await run.ask('a', 1), await run.effect('bookx', 1)],
    v2: (run) => run.ask('a', 1),
    silent: ['bookx'],
    again: [],
    output: 'a(1)',
    check: ({ world }) => assertSame(world.undone, ['bookx']),
  },
  {
    name: 'an open keyed effect deleted: it is not made to happen',
    v1: async (run) => [await run.ask('a', 1), await run.effect('payx', 1)],
    v2: (run) => run.ask('a', 1),
    again: [],
    held: ['payx'],
    output: 'a(1)',
    check: ({ world }) => assertNone([...world.worked.keys()].filter((k) => k.includes('payx'))),
  },
  {
    name: 'an item changed whose branch has had effects is drift',
    v1: (run) =>
      run.map('m', [1, 3], { itemKey: (n) => n }, (n, r) => (n === 3 ? r.ask('hold') : r.effect('bookx', 'same'))),
    v2: (run) =>
      run.map('m', [{ n: 1 }, { n: 3 }], { itemKey: (i) => i.n }, (i, r) =>
        i.n === 3 ? r.ask('hold') : r.effect('bookx', 'same'),
      ),
    drift: 'keep',
    again: ['hold()'],
    output: ['bookx("same")', 'hold()'],
    check: ({ world }) =>
      assertSame(
        [...world.worked].filter(([k]) => k.includes('bookx')).map(([, n]) => n),
        [1],
      ),
  },
  {
    name: 'the right of an open gate',
    v1: async (run) => (await run.gate('ok', { right: 'boss' })).by,
    v2: async (run) => (await run.gate('ok', { right: 'clerk' })).by,
    again: [],
    person: ({ site }) => site.approve('r', 'ok', { by: { id: 'ann', rights: ['clerk'] } }),
    output: 'ann',
  },
  {
    name: 'the right of an effect that waits for a person',
    v1: (run) => run.effect('shoutx', 1, { right: 'boss' }),
    v2: (run) => run.effect('shoutx', 1, { right: 'clerk' }),
    again: ['shoutx(1)'],
    // The second time, after a crash, she says what the sink told her.
    person: ({ site }) => site.approve('r', 'shoutx', { by: { id: 'ann', rights: ['clerk'] }, value: 'shoutx(1)' }),
    output: 'shoutx(1)',
  },
  {
    name: 'an open gate renamed with `was`, answered by its old name',
    v1: async (run) => (await run.gate('old')).choice,
    v2: async (run) => (await run.gate('new', { was: 'old' })).choice,
    again: [],
    person: ({ site, state }) => site.approve('r', state.renamed.size === 0 ? 'new' : 'old'),
    output: 'approve',
  },
  {
    name: 'an open gate deleted',
    v1: async (run) => (await run.gate('ok')).choice,
    v2: (run) => run.ask('a', 1),
    again: ['a(1)'],
    output: 'a(1)',
  },
  {
    name: 'a signal wait renamed: the old one does not take the signal',
    v1: (run) => run.signal('go'),
    v2: (run) => run.signal('go', { key: 'again' }),
    again: [],
    person: ({ site }) => site.signal('r', 'go', 42),
    output: 42,
  },
  {
    name: 'a retry that waits, of a renamed step',
    v1: async (run, world) => {
      world.busy.add('late');
      return run.ask('late', 1, { name: 'old', retry: { firstMs: 300 } });
    },
    v2: (run) => run.ask('late', 1, { name: 'new', was: 'old', retry: { firstMs: 300 } }),
    again: ['late(1)'],
    output: 'late(1)',
  },
  {
    name: 'a retry that waits, of a deleted step: it is not made',
    v1: async (run, world) => {
      world.busy.add('late');
      return run.ask('late', 1, { retry: { firstMs: 300 } });
    },
    v2: async (run) => {
      await run.wait('rest', { ms: 5_000 });
      return run.ask('a', 1);
    },
    again: ['a(1)'],
    output: 'a(1)',
  },
  {
    name: 'the input of an open child, kept',
    v1: (run) => run.workflow(childCode, { n: 1 }),
    v2: (run) => run.workflow(childCode, { n: 2 }),
    workflows: [childCode],
    drift: 'keep',
    again: ['hold(1)'],
    output: ['a(1)', 'hold(1)'],
    orOutputs: [['a(2)', 'hold(2)']],
  },
  {
    name: 'the input of an open child, redone: the old child is cancelled, a new one works',
    v1: (run) => run.workflow(childCode, { n: 1 }),
    v2: (run) => run.workflow(childCode, { n: 2 }),
    workflows: [childCode],
    drift: 'redo',
    output: ['a(2)', 'hold(2)'],
    check: async ({ trial }) => {
      const old = await trial.store.info('r.child');
      if (old?.status !== 'ended') throw new Error('the old child goes on');
    },
  },
  {
    name: 'the input of a settled child, redone',
    v1: async (run) => [await run.workflow(quick, { n: 1 }), await run.ask('hold')],
    v2: async (run) => [await run.workflow(quick, { n: 2 }), await run.ask('hold')],
    workflows: [quick],
    drift: 'redo',
    again: ['a(2)', 'hold()'],
    output: ['a(2)', 'hold()'],
  },
  {
    name: 'an open child renamed with `was`',
    v1: (run) => run.workflow(childCode, { n: 1 }),
    v2: (run) => run.workflow(childCode, { n: 1 }, { name: 'kid', was: 'child' }),
    workflows: [childCode],
    again: ['hold(1)'],
    output: ['a(1)', 'hold(1)'],
  },
];

function assertSame(found: unknown, wanted: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    throw new Error(`wanted ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
}
