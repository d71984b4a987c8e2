/** What an abort undoes reaches into child runs that had ended well, and into branches that were cut short. */
import { expect, test } from 'vitest';
import { workflow } from '../author/index.ts';
import { createTrial, of } from '../lab/trial/index.ts';
import { functionAgent } from '../ports/agent/index.ts';
import { replay } from './replay.ts';

function world() {
  const trial = createTrial();
  const log: string[] = [];
  const broken = new Set<string>();
  const slow = (ms: number) => new Promise<void>((resolve) => trial.clock.after(ms, resolve));
  const desk = functionAgent('desk', {
    skills: {
      book: {
        effect: 'reversible',
        run: (what: string, { run, step }) => (log.push(`book ${what}: ${run} ${step}`), `slip ${what}`),
        undo: ({ input, output, run, step }) => {
          if (broken.has(input as string)) throw new Error('the desk is closed');
          log.push(`undo ${input as string}, ${output as string}: ${run} ${step}`);
        },
      },
      slow: async (ms: number) => (await slow(ms), ms),
      fail: () => Promise.reject(new Error('no')),
    },
  });
  const leaf = workflow('leaf', (run, what: string) => run.effect('book', what));
  const kid = workflow('kid', async (run, what: string) => {
    await run.effect('book', `${what}1`);
    await run.workflow(leaf, `${what}2`);
    return run.map('more', ['x'], { itemKey: String }, (x, inner) => inner.effect('book', `${what}${x}`));
  });
  return { trial, log, broken, desk, leaf, kid };
}

const undone = (log: readonly string[]) => log.filter((line) => line.startsWith('undo'));

test('a run that fails or is cancelled has undone what its children did, and theirs, the last first, with what went in and came out', async () => {
  const { trial, log, desk, leaf, kid } = world();
  const fails = workflow('fails', async (run) => {
    await run.effect('book', 'a');
    await run.workflow(kid, 'k');
    await run.effect('book', 'z', { name: 'last' });
    await run.ask('fail', 0);
  });
  const waits = workflow('waits', async (run) => {
    await run.workflow(leaf, 'w');
    await run.signal('never');
  });
  const { site } = await trial.open({ workflows: [leaf, kid, fails, waits], agents: [desk] });
  await site.start(fails, null, { id: 'f' });
  expect(await trial.clock.until(() => trial.isEnded('f'), 60_000)).toBe(true);
  expect(undone(log)).toEqual([
    'undo z, slip z: f last',
    'undo kx, slip kx: f.kid more/x/book',
    'undo k2, slip k2: f.kid.leaf book',
    'undo k1, slip k1: f.kid book',
    'undo a, slip a: f book',
  ]);
  expect(of(await trial.events('f'), 'undo.ended').map(({ step }) => step)).toContain('kid/leaf%2fbook');
  await site.start(waits, null, { id: 'w' });
  await trial.clock.until(async () => (await site.state('w')).steps.get('leaf')?.out === 'ok', 60_000);
  await site.cancel('w', 'enough');
  expect(await trial.clock.until(() => trial.isEnded('w'), 60_000)).toBe(true);
  expect(undone(log).at(-1)).toBe('undo w, slip w: w.leaf book');
  for (const run of ['f', 'w', 'f.kid']) expect(await replay(site.store, run)).toMatchObject({ equal: true });
});

test('an undo of a child that does not go is tried again, told, and left to a person; nobody undoes twice after a crash', async () => {
  const { trial, log, broken, desk, leaf } = world();
  const two = workflow('two', async (run) => {
    await run.workflow(leaf, 'one', { name: 'first' });
    await run.workflow(leaf, 'two', { name: 'second' });
    await run.ask('fail', 0);
  });
  broken.add('two');
  const options = { workflows: [leaf, two], agents: [desk] };
  const first = await trial.open(options);
  await first.site.start(two, null, { id: 't' });
  const isTried = async () => of(await trial.events('t'), 'undo.ended').length > 1;
  await trial.clock.until(isTried, 60_000);
  first.doom.die();
  const { site } = await trial.open(options);
  expect(await trial.clock.until(() => trial.isEnded('t'), 600_000)).toBe(true);
  const { effects } = await site.state('t');
  expect(effects.map(({ step, state }) => [step, state])).toEqual([
    ['first/book', 'undone'],
    ['second/book', 'stuck'],
  ]);
  expect(undone(log)).toEqual(['undo one, slip one: t.first book']);
  expect(of(await trial.events('t'), 'fault.escalated').map(({ step, cut }) => [step, cut[0]?.why])).toContainEqual([
    'second/book',
    'the undo failed',
  ]);
});

test('what is left of an erased payload of a child is given to no undo: a person is told', async () => {
  const { trial, log, desk, leaf } = world();
  const late = workflow('late', async (run) => {
    await run.workflow(leaf, 'secret');
    await run.signal('go');
    await run.ask('fail', 0);
  });
  const { site } = await trial.open({ workflows: [leaf, late], agents: [desk] });
  await site.start(late, null, { id: 'l' });
  await trial.clock.until(() => trial.isEnded('l.leaf'), 60_000);
  const seq = (await trial.events('l.leaf')).findIndex(({ type }) => type === 'step.asked');
  expect(await site.erase('l.leaf', [seq], { reason: 'the guest asked' })).toBe(1);
  await site.signal('l', 'go', null);
  expect(await trial.clock.until(() => trial.isEnded('l'), 600_000)).toBe(true);
  expect(undone(log)).toEqual([]);
  expect(of(await trial.events('l'), 'fault.escalated').map(({ step, fault }) => [step, fault.code])).toContainEqual([
    'leaf/book',
    'payload.erased',
  ]);
});

test('of a race only the winner stays: what a loser did is undone, as a step and as a child run', async () => {
  const { trial, log, desk, leaf } = world();
  const race = workflow('race', (run) =>
    run.any('first', {
      inline: async (branch) => {
        await branch.effect('book', 'inline');
        return branch.ask('slow', 900);
      },
      child: async (branch) => {
        await branch.workflow(leaf, 'child');
        return branch.ask('slow', 800);
      },
      fast: async (branch) => {
        await branch.ask('slow', 300);
        return branch.effect('book', 'fast');
      },
    }),
  );
  const { site } = await trial.open({ workflows: [leaf, race], agents: [desk] });
  await site.start(race, null, { id: 'r' });
  expect(await trial.clock.until(() => trial.isEnded('r'), 60_000)).toBe(true);
  expect((await site.state('r')).output).toEqual({ branch: 'fast', value: 'slip fast' });
  expect(new Set(undone(log).map((line) => line.split(',')[0]))).toEqual(new Set(['undo child', 'undo inline']));
  expect(await replay(site.store, 'r')).toMatchObject({ equal: true });
});

test('what was done before a run goes on as a new one stands when that one fails; a parent that fails has all of it undone', async () => {
  const { trial, log, desk } = world();
  const chain = workflow('chain', async (run, n: number) => {
    await run.effect('book', `c${n}`);
    if (n < 3) run.continueAsNew(n + 1);
    return n;
  });
  const alone = workflow('alone', async (run, n: number) => {
    await run.effect('book', `a${n}`);
    if (n < 2) run.continueAsNew(n + 1);
    await run.ask('fail', 0);
  });
  const above = workflow('above', async (run) => {
    await run.workflow(chain, 1);
    await run.ask('fail', 0);
  });
  const { site } = await trial.open({ workflows: [chain, alone, above], agents: [desk] });
  await site.start(alone, 1, { id: 'a' });
  expect(await trial.clock.until(() => trial.isEnded('a~2'), 60_000)).toBe(true);
  expect(undone(log)).toEqual(['undo a2, slip a2: a~2 book']);
  await site.start(above, null, { id: 'p' });
  expect(await trial.clock.until(() => trial.isEnded('p'), 60_000)).toBe(true);
  expect(
    undone(log)
      .slice(1)
      .map((line) => line.split(',')[0]),
  ).toEqual(['undo c3', 'undo c2', 'undo c1']);
});
