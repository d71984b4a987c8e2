/** Runs that take their site down, on every kind of take: set aside, while what shared a site with them goes on. */
import { expect, test } from 'vitest';
import { plan, workflow } from '../author/index.ts';
import { MAX_CLAIMS } from '../flow/index.ts';
import { createTrial, type Doom, of } from '../lab/trial/index.ts';
import { functionAgent } from '../ports/agent/index.ts';
import { storyOf } from './faults/index.ts';

const forever = () => new Promise<never>(() => {});

test('a call, code between steps, code before the first, and an undo', { timeout: 30_000 }, async () => {
  const trial = createTrial();
  const { clock } = trial;
  let doom: Doom | undefined;
  let isMended = false;
  const die = (): Promise<string> | string => {
    if (isMended) return 'mended';
    doom!.die();
    return forever();
  };
  const slow = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
  const agents = [
    functionAgent('bomb', { skills: { boom: () => die() } }),
    functionAgent('long', { skills: { long: async (n: number) => (await slow(300), n + 1) } }),
    functionAgent('payer', {
      skills: {
        pay: { effect: 'reversible', run: () => 'paid', undo: async () => void (await die()) },
        fail: () => Promise.reject(new Error('no')),
      },
    }),
  ];
  const called = plan('called').step('it', { ask: 'boom' }).workflow();
  const between = workflow('between', async (run) => {
    await run.code('look', () => 1);
    return die();
  });
  const first = workflow('first', async () => die());
  const undone = workflow('undone', async (run) => {
    await run.effect('pay', 1);
    await run.ask('fail', 1);
  });
  const patient = workflow('patient', async (run, n: number) =>
    run.ask<number>('long', await run.ask<number>('long', n, { key: 1 }), { key: 2 }),
  );
  const calm = workflow('calm', async (run) => run.signal('go'));
  const poison = [called, between, first, undone];
  const workflows = [...poison, patient, calm];
  const names = [...poison.map(({ name }) => name), 'patient-0', 'patient-1', 'calm'];

  isMended = true;
  const starter = await trial.open({ workflows, works: false });
  for (const { name } of [...poison, calm]) await starter.site.start(name, null, { id: name });
  for (const n of [0, 1]) await starter.site.start(patient, n, { id: `patient-${n}` });
  starter.doom.die();
  isMended = false;

  let lost = 0;
  let site = starter.site;
  const isAside = async (name: string) => (await starter.site.state(name)).quarantine !== undefined;
  for (let done = false; !done;) {
    const opened = await trial.open({ workflows, agents, evictAfterMs: Infinity });
    ({ site, doom } = opened);
    done = await clock.until(async () => {
      if (opened.doom.dead) return true;
      for (const { name } of poison) if (!(await isAside(name))) return false;
      return (await trial.isEnded('patient-0')) && (await trial.isEnded('patient-1'));
    }, 60_000);
    if (opened.doom.dead) {
      done = false;
      expect(++lost).toBeLessThan(MAX_CLAIMS * poison.length + 4);
    }
  }
  expect(lost).toBeGreaterThanOrEqual(MAX_CLAIMS);
  expect(trial.troubles.filter(({ code }) => code === 'run.poison').length).toBe(poison.length);
  for (const { name } of poison) {
    expect(await site.gates(name)).toMatchObject([{ step: '*', asks: 'poison' }]);
    expect(storyOf(await trial.events(name)).at(-1)).toMatchObject({ step: '*', end: 'escalated', to: 'person' });
  }
  expect((await site.state('patient-0')).output).toBe(2);
  // Who only waits never counts, however many sites are lost with it.
  expect((await site.state('calm')).quarantine).toBeUndefined();
  await site.signal('calm', 'go', 'gone');

  isMended = true;
  await site.approve('called', '*');
  await site.approve('undone', '*');
  await site.deny('between', '*');
  await site.cancel('first', 'enough');
  await clock.until(async () => (await Promise.all(names.map(trial.isEnded))).every(Boolean), 60_000);
  const ends = await Promise.all(names.map(async (name) => [name, (await site.state(name)).outcome]));
  expect(Object.fromEntries(ends)).toEqual({
    called: 'completed',
    between: 'failed',
    first: 'cancelled',
    undone: 'failed',
    'patient-0': 'completed',
    'patient-1': 'completed',
    calm: 'completed',
  });
  expect((await site.state('undone')).effects).toMatchObject([{ state: 'undone' }]);
  for (const name of names) expect(storyOf(await trial.events(name)).map(({ end }) => end)).not.toContain('silent');
  let stopped = false;
  const stopping = site.stop({ graceMs: 0 }).then(() => (stopped = true));
  await clock.until(() => stopped, 60_000);
  await stopping;
});

test.each([300, 800])(
  'workers that die of something else after %i ms, many in a row, set nothing aside',
  async (lifeMs) => {
    const trial = createTrial();
    const { clock } = trial;
    const slow = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
    const agents = [functionAgent('slow', { skills: { think: async (n: number) => (await slow(lifeMs + 100), n) } })];
    const long = workflow('long', (run, n: number) => run.ask<number>('think', n));
    const names = [0, 1, 2].map((n) => `long-${n}`);
    const starter = await trial.open({ workflows: [long], works: false });
    for (const [n, id] of names.entries()) await starter.site.start(long, n, { id });
    starter.doom.die();
    for (let i = 0; i < MAX_CLAIMS * 3; i++) {
      const { doom } = await trial.open({ workflows: [long], agents });
      await clock.until(() => false, lifeMs);
      doom.die();
    }
    // Else this shows nothing.
    expect(of(await trial.events('long-0'), 'run.claimed').length).toBeGreaterThan(2);
    const { site } = await trial.open({ workflows: [long], agents });
    expect(await clock.until(async () => (await Promise.all(names.map(trial.isEnded))).every(Boolean), 60_000)).toBe(
      true,
    );
    expect(trial.troubles.map(({ code }) => code)).not.toContain('run.poison');
    for (const [n, id] of names.entries()) expect((await site.state(id)).output).toBe(n);
  },
);

test('a run that leaves memory between the words of its children is not set aside, however often it is taken up', async () => {
  const trial = createTrial();
  const { clock } = trial;
  const asks = MAX_CLAIMS * 2;
  const slow = () => new Promise<number>((resolve) => clock.after(50, () => resolve(1)));
  const agents = [functionAgent('slow', { skills: { think: { price: { money: 1 }, run: slow } } })];
  const child = workflow('child', async (run) => {
    for (let i = 0; i < asks; i++) await run.ask('think', i, { key: i });
    return asks;
  });
  const parent = workflow('parent', (run) => run.workflow(child, undefined));
  const { site } = await trial.open({ workflows: [parent, child], agents, evictAfterMs: 0 });
  await site.start(parent, undefined, { id: 'p', budget: { money: 100 } });
  expect(await clock.until(() => trial.isEnded('p'), 60_000)).toBe(true);
  const events = await trial.events('p');
  // Else this shows nothing.
  expect(of(events, 'run.claimed').length).toBeGreaterThan(MAX_CLAIMS);
  expect(trial.troubles).toEqual([]);
  expect((await site.state('p')).output).toBe(asks);
});
