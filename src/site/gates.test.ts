/** Who may let what pass: gates, rights, and answers that come days and restarts later. */
import { describe, expect, test } from 'vitest';
import { type Run, workflow } from '../author/index.ts';
import { createTrial, createWorld, of, SKILLS, type Trial, type World } from '../lab/trial/index.ts';
import type { Site } from './site.ts';

const DAY_MS = 86_400_000;
const boss = { id: 'bo', rights: ['pay'] };
const clerk = { id: 'cy', rights: ['gate:other'] };

async function played(code: (run: Run) => unknown, act?: (site: Site, trial: Trial, world: World) => Promise<unknown>) {
  const trial = createTrial();
  const world = createWorld(SKILLS);
  const flow = workflow('gated', code);
  const { site } = await trial.open({ workflows: [flow], agents: world.agents });
  await site.start(flow, undefined, { id: 'r' });
  await trial.clock.drain();
  await act?.(site, trial, world);
  expect(await trial.clock.until(() => trial.isEnded('r'))).toBe(true);
  expect(trial.troubles).toEqual([]);
  return { state: await site.state('r'), world, events: await trial.events('r') };
}

describe('irreversible effects', () => {
  test('without a gate are refused, with the reason', async () => {
    const { state, world } = await played((run) => run.effect('mailx', 1));
    expect(state.fault).toMatchObject({ code: 'effect.ungated', message: expect.stringContaining('gate') });
    expect(world.calls).toEqual([]);
  });

  test('wait for the gate they name, whichever is asked first', async () => {
    const { state, world } = await played(
      (run) => Promise.all([run.effect('mailx', 1, { gate: 'ok' }), run.gate('ok', { right: 'pay' })]),
      async (site, trial, own) => {
        expect(own.calls).toEqual([]);
        await site.approve('r', 'ok', { by: boss });
        await trial.clock.drain();
      },
    );
    expect(state.output).toMatchObject(['mailx(1)', { choice: 'approve', by: 'bo' }]);
    expect(world.calls).toEqual(['mailx(1)']);
  });

  test('fail when the gate is denied, or is no gate', async () => {
    const denied = await played(
      async (run) => {
        const gate = run.gate('ok', { right: 'pay' }).catch(() => 'denied');
        return [await gate, await run.effect('mailx', 1, { gate: 'ok' }).catch((f: { code: string }) => f.code)];
      },
      (site) => site.deny('r', 'ok', { by: boss, reason: 'no' }),
    );
    expect(denied.state.output).toEqual(['denied', 'gate.denied']);
    const other = await played(async (run) => {
      await run.ask('a', 1, { name: 'ok' });
      await run.effect('mailx', 1, { gate: 'ok' });
    });
    expect(other.state.fault?.code).toBe('effect.ungated');
    const misspelt = await played((run) => run.effect('bookx', 1, { gate: 'okay' }));
    expect(misspelt.state.fault?.code).toBe('effect.ungated');
    expect([...denied.world.calls, ...misspelt.world.calls]).toEqual([]);
  });

  test('a person edits what is sent, and the key stays', async () => {
    const { state, world } = await played(
      (run) => run.effect('mailx', 'draft', { right: 'pay' }),
      (site) => site.edit('r', 'mailx', 'final', { by: boss }),
    );
    expect(state.output).toBe('mailx("final")');
    expect([...world.worked.values()]).toEqual([1]);
  });

  test('are never put on a panel', async () => {
    const { state, world } = await played((run) =>
      run
        .effect('bookx', 1, { agree: { by: 'majority', panel: 3 } })
        .catch((fault: { message: string }) => fault.message),
    );
    expect(state.output).toContain('never on a panel');
    expect(world.calls).toEqual([]);
  });
});

describe('answers', () => {
  test('without the right are refused and journaled, and change nothing', async () => {
    const { events, state } = await played(
      (run) => run.gate('ok', { right: 'pay' }),
      async (site, trial) => {
        await site.approve('r', 'ok', { by: clerk });
        await site.signal('r', 'go', 1, { by: clerk });
        await site.cancel('r', 'mine now', clerk);
        await site.resolveDrift('r', 'ok', 'keep', clerk);
        await trial.clock.until(async () => of(await trial.events('r'), 'letter.refused').length === 3, 1_000);
        await site.approve('r', 'ok', { by: boss });
      },
    );
    expect(of(events, 'letter.refused').map((e) => [e.by?.id, e.fault.code])).toEqual(
      Array.from({ length: 3 }, () => ['cy', 'rights.missing']),
    );
    expect(state.output).toMatchObject({ by: 'bo' });
  });

  test('said twice count once; of two words at once the first counts; a word that comes too late is told so', async () => {
    const { events, state } = await played(
      async (run) => [(await run.gate('one')).choice, (await run.gate('two')).choice],
      async (site, trial) => {
        await Promise.all([
          site.approve('r', 'one', { id: 'same' }),
          site.approve('r', 'one', { id: 'same' }),
          site.deny('r', 'one', { id: 'other' }),
        ]);
        await trial.clock.until(async () => (await site.state('r')).steps.has('two'), 1_000);
        await expect(site.deny('r', 'one', { id: 'late' })).rejects.toMatchObject({ code: 'conflict' });
        await site.approve('r', 'two');
      },
    );
    expect(of(events, 'gate.answered').map((e) => e.step)).toEqual(['one', 'two']);
    expect(of(events, 'letter.refused').map((e) => [e.id, e.fault.code])).toEqual([['other', 'conflict']]);
    expect(state.output).toEqual(['approve', 'approve']);
  });

  test.each([
    ['held in memory', Infinity],
    ['evicted at once', 0],
  ])('come days and restarts later: %s', async (_how, evictAfterMs) => {
    const trial = createTrial();
    const world = createWorld(SKILLS);
    const flow = workflow('patient', async (run) => {
      const first = await run.ask('a', 1);
      const { by } = await run.gate('ok', { right: 'pay', show: { first } });
      await run.wait('night', { ms: DAY_MS });
      const word = await run.signal<string>('go');
      return [first, by, word, await run.ask('b', 2)];
    });
    let { site, doom } = await trial.open({ workflows: [flow], agents: world.agents, evictAfterMs });
    await site.start(flow, undefined, { id: 'r' });
    const later = async (days: number): Promise<void> => {
      await trial.clock.until(() => false, 500);
      if (evictAfterMs === 0) expect(site.worker.hosts.has('r')).toBe(false);
      doom.die();
      await trial.clock.jump(days * DAY_MS);
      ({ site, doom } = await trial.open({ workflows: [flow], agents: world.agents, evictAfterMs }));
      await trial.clock.until(() => false, 500);
    };
    await later(3);
    await later(4);
    await site.approve('r', 'ok', { by: clerk });
    await later(1);
    await site.approve('r', 'ok', { by: boss });
    await later(0);
    await site.signal('r', 'go', 'onward', { by: { id: 'di', rights: ['signal:go'] } });
    await later(2);
    expect(await trial.clock.until(() => trial.isEnded('r'))).toBe(true);
    const { output } = await site.state('r');
    expect(output).toEqual(['a(1)', 'bo', 'onward', 'b(2)']);
    expect(world.calls).toEqual(['a(1)', 'b(2)']);
    expect(trial.troubles).toEqual([]);
  });

  test('a gate that nobody answers in time fails, also when the time passed while nobody was there', async () => {
    const trial = createTrial();
    const flow = workflow('impatient', (run) =>
      run.gate('ok', { timeoutMs: DAY_MS }).catch((f: { code: string }) => f.code),
    );
    const one = await trial.open({ workflows: [flow] });
    await one.site.start(flow, undefined, { id: 'r' });
    await trial.clock.jump(10);
    one.doom.die();
    await trial.clock.jump(2 * DAY_MS);
    const two = await trial.open({ workflows: [flow] });
    expect(await trial.clock.until(() => trial.isEnded('r'))).toBe(true);
    expect((await two.site.state('r')).output).toBe('step.timeout');
  });
});
