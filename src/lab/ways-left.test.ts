/** Declared ways that are left: what was undone for another is worked anew, lesser goals come after, gates hold whatever a way does. */
import { describe, expect, test } from 'vitest';
import { type AnyWorkflow, parsePlan, planWorkflow, type Run, workflow } from '../author/index.ts';
import { Fault } from '../base/index.ts';
import { type Agent, functionAgent } from '../ports/agent/index.ts';
import { replay } from '../site/replay.ts';
import { explainChoice } from '../site/route/explain.ts';
import { crashEverywhere, openTestSite } from './testing/index.ts';
import { createTrial } from './trial/index.ts';

/** A sink that works each key once, and knows what of that stands; everybody else gives its name, or is down. */
function world(downFirst = 0) {
  const keys: string[] = [];
  const undone: string[] = [];
  const down = (name: string) => () => {
    throw new Fault('agent.failed', `${name} is down`);
  };
  const seat = {
    effect: 'reversible',
    keyed: true,
    run(_: unknown, { key }: { key: string }) {
      if (!keys.includes(key)) keys.push(key);
      return key;
    },
    undo: ({ key }: { key: string }) => void undone.push(key.replace('undo:', '')),
    reconcile: ({ key }: { key: string }) => ({ happened: keys.includes(key), output: key }),
  } as const;
  const skills = {
    seat,
    down: down('down'),
    down2: down('down2'),
    free: () => 'free',
    tells: (given: unknown) => `of ${String(given)}`,
    late: () => (downFirst-- > 0 ? down('late')() : 'late'),
  };
  const standing = (): string[] => keys.filter((key) => !undone.includes(key));
  return { agents: [functionAgent('all', { skills })] as Agent[], keys, standing };
}

/** Plays it to its end, and replays it. */
async function play(flow: AnyWorkflow, agents: Agent[], gate?: 'approve' | 'deny') {
  const site = await openTestSite({ workflows: [flow], agents, gate: () => gate });
  const result = await site.run(flow, undefined, { id: 'r' }).catch((thrown: Error) => thrown.message);
  const events = await site.events('r');
  expect(await replay(site.site.store, 'r')).toMatchObject({ equal: true });
  const explained = await explainChoice(site.site.store, 'r', 'top').catch(() => undefined);
  await site.stop();
  return { result, events, explained };
}

const SHARED = planWorkflow(
  parsePlan(`
name: shared
steps:
  top:
    alternatives:
      - steps:
          a: { effect: seat, with: 1, cost: 1 }
          note: { ask: tells, with: '\${steps.a}', cost: 1 }
          b: { ask: down, after: note, cost: 1 }
      - { ask: down2, cost: 5 }
      - steps:
          a: { effect: seat, with: 1, cost: 1 }
          note: { ask: tells, with: '\${steps.a}', cost: 1 }
          c: { ask: tells, with: '\${steps.note}', cost: 50 }
output: '\${steps.top}'
`),
);

describe('an effect that was undone for another way', () => {
  test('is worked again, with another key, where a third way has it too, and so is what came after it', async () => {
    const { agents, keys, standing } = world();
    const { result, events, explained } = await play(SHARED, agents);
    expect(result).toMatchObject({ outcome: 'completed', output: `of of ${keys[1]!}` });
    expect(keys).toEqual([keys[0], `${keys[0]!}:2`]);
    expect(standing()).toEqual([keys[1]]);
    expect(events.filter((event) => event.type === 'step.redone')).toMatchObject([
      { step: 'top/a', why: 'undone' },
      { step: 'top/note', why: 'undone' },
    ]);
    expect(explained).toMatchObject({
      out: 'ok',
      tries: [],
      ways: [
        { way: 0, name: 'a, note, b', why: 'cheapest', undo: [] },
        { way: 1, name: 'down2', why: 'failed', undo: [{ step: 'top/a', end: 'undone' }] },
        {
          way: 2,
          name: 'a, note, c',
          others: [
            { way: 0, shut: [{ step: 'top/b' }] },
            { way: 1, name: 'down2' },
          ],
        },
      ],
    });
    // Weighed as what it is: to be done.
    expect(events.findLast((event) => event.type === 'way.taken')).toMatchObject({
      way: 2,
      cost: expect.closeTo(52, 0),
    });
  });

  test('wherever the worker dies', async () => {
    const played = () => {
      const { agents, standing } = world();
      return {
        agents,
        check() {
          if (standing().length !== 1) throw new Error(`${standing().length} stand`);
        },
      };
    };
    const { bad, points } = await crashEverywhere({ workflow: SHARED, world: played });
    expect(bad).toEqual([]);
    expect(points).toBeGreaterThan(10);
  });

  test('is worked again when a person has the way tried again', async () => {
    const { agents, standing } = world(1);
    const flow = planWorkflow(
      parsePlan(`
name: again
steps:
  top:
    person: boss
    alternatives:
      - steps:
          a: { effect: seat, with: 1, cost: 1 }
          b: { ask: late, after: a, cost: 1 }
      - { ask: down, cost: 9 }
output: '\${steps.top}'
`),
    );
    expect((await play(flow, agents, 'approve')).result).toMatchObject({ outcome: 'completed', output: 'late' });
    expect(standing()).toHaveLength(1);
  });
});

test('what was skipped because of a failure is worked when a person has that tried again', async () => {
  const { agents } = world(1);
  const flow = planWorkflow(
    parsePlan(`
name: skipped
steps:
  top:
    person: boss
    alternatives:
      - steps:
          a: { ask: late }
          b: { ask: free, after: a }
          sorry: { ask: down, after: [{ step: a, when: failure }] }
        output: '\${steps.b}'
output: '\${steps.top}'
`),
  );
  expect((await play(flow, agents, 'approve')).result).toMatchObject({ outcome: 'completed', output: 'free' });
});

describe('a lesser goal comes after the last way has failed', () => {
  const ways = { alternatives: [{ ask: 'down2', cost: 5 }], lesser: ['free'] };
  const body = { steps: { a: { effect: 'seat', cost: 1 }, b: { ask: 'down2', after: ['a'], cost: 1 } } };
  test.each([
    ['the own skill first', { ...ways, cost: 0.1 }, 0],
    ['the other way first', { ...ways, cost: 99 }, 0],
    ['a way whose effect is undone first', { ...ways, alternatives: [body], cost: 99 }, 0],
  ])('%s', async (_, options, left) => {
    const { agents, standing } = world();
    const flow = workflow('lesser', (run: Run) => run.ask('down', 1, options));
    const { result, events } = await play(flow, agents);
    expect(result).toMatchObject({ outcome: 'completed', output: 'free' });
    expect(standing()).toHaveLength(left);
    expect(events.findLast((event) => event.type === 'fault.healed')).toMatchObject({ step: 'down', by: 'lesser' });
  });

  test('wherever the worker dies', async () => {
    const flow = workflow('lesser', (run: Run) => run.ask('down', 1, { ...ways, cost: 0.1 }));
    expect((await crashEverywhere({ workflow: flow, world: () => world() })).bad).toEqual([]);
  });
});

describe('what a step has to pass holds whatever its ways do', () => {
  const inCode = (options: object, before?: (run: Run) => unknown) =>
    workflow('held', async (run: Run) => {
      await before?.(run);
      return run.effect('seat', 1, {
        cost: 99,
        ...options,
        alternatives: [{ steps: { look: { ask: 'free' }, q: { effect: 'seat', after: ['look'] } } }],
      });
    });
  const inData = planWorkflow(
    parsePlan(`
name: held
steps:
  top:
    effect: seat
    right: boss
    cost: 99
    alternatives: [{ steps: { look: { ask: free }, all: { map: '[1]', key: item, after: look, steps: { q: { effect: seat } } } } }]
`),
  );

  test.each([
    ['in code', inCode({ right: 'boss' }), 'seat/q'],
    ['in data', inData, 'top/all/1/q'],
  ])('a right, %s: asked for once, at what acts', async (_, flow, step) => {
    const silent = world();
    const waits = await play(flow, silent.agents);
    expect(waits.result).toMatch(new RegExp(`it waits at: .*${step}$`));
    expect(waits.events.filter((event) => event.type === 'gate.opened')).toMatchObject([{ step, right: 'boss' }]);
    const denied = world();
    expect((await play(flow, denied.agents, 'deny')).result).toMatchObject({ outcome: 'failed' });
    const passed = world();
    expect((await play(flow, passed.agents, 'approve')).result).toMatchObject({ outcome: 'completed' });
    expect([silent.keys.length, denied.keys.length, passed.keys.length]).toEqual([0, 0, 1]);
  });

  test('the right itself is needed to answer', async () => {
    const { agents, keys } = world();
    const flow = inCode({ right: 'boss' });
    const trial = createTrial();
    const { site } = await trial.open({ workflows: [flow], agents });
    await site.start(flow, undefined, { id: 'r' });
    await trial.clock.until(async () => (await site.gates('r')).length > 0);
    expect(await site.gates('r')).toMatchObject([{ step: 'seat/q', asks: 'effect', right: 'boss' }]);
    await site.approve('r', 'seat/q', { by: { id: 'cy', rights: ['gate:answer'] } });
    const told = async () => (await trial.events('r')).find((event) => event.type === 'letter.refused');
    await trial.clock.until(async () => (await told()) !== undefined);
    expect(await told()).toMatchObject({ fault: { code: 'rights.missing', detail: { right: 'boss' } } });
    expect(keys).toEqual([]);
  });

  test('a gate: never passed, nothing acts; passed, it goes on', async () => {
    const none = world();
    expect((await play(inCode({ gate: 'nowhere' }), none.agents)).result).toMatchObject({
      fault: { code: 'effect.ungated' },
    });
    const { agents, keys } = world();
    const later = (run: Run) => void run.gate('ok').catch(() => {});
    expect((await play(inCode({ gate: 'ok' }, later), agents, 'approve')).result).toMatchObject({
      outcome: 'completed',
    });
    expect([none.keys.length, keys.length]).toEqual([0, 1]);
  });

  test('a child run is not begun before', async () => {
    const { agents } = world();
    const child = workflow('child', () => Promise.resolve('done'));
    const flow = workflow('held', (run: Run) =>
      run.effect('seat', 1, { right: 'boss', cost: 1e6, alternatives: [{ steps: { w: { workflow: 'child' } } }] }),
    );
    const site = await openTestSite({ workflows: [flow, child], agents, gate: () => undefined });
    await expect(site.run(flow, undefined, { id: 'r' })).rejects.toThrow(/it waits at: .*seat\/w$/);
    await site.stop();
  });
});
