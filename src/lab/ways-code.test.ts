/** Declared ways in workflows as code: at a real site, over take-overs, and replayed without it. */
import { expect, test } from 'vitest';
import { plan, workflow } from '../author/index.ts';
import { Fault } from '../base/index.ts';
import { type Agent, functionAgent } from '../ports/agent/index.ts';
import { replay } from '../site/replay.ts';
import { createTrial } from './trial/index.ts';

function agents(book: string[], down: ReadonlySet<string>): Agent[] {
  const one = (name: string, effect: 'pure' | 'reversible' = 'pure') =>
    functionAgent(name, {
      skills: {
        [name]: {
          effect,
          price: { money: 1 },
          run(input: unknown) {
            if (down.has(name)) throw new Fault('agent.busy', `${name} is down`, { retry: 'elsewhere' });
            book.push(`${name}(${JSON.stringify(input)})`);
            return `${name}!`;
          },
          ...(effect === 'reversible' && {
            undo: () => void book.push(`undo ${name}`),
            reconcile: () => ({ happened: book.some((deed) => deed.startsWith(name)), output: `${name}!` }),
          }),
        },
      },
    });
  return [one('stripe'), one('razorpay'), one('hotel', 'reversible'), one('car'), one('hostel'), one('bus')];
}

const trip = workflow('trip', async (run, input: { city: string }) => {
  const paid = await run.ask('stripe', 5, { name: 'pay', alternatives: ['razorpay'] });
  const stay = await run.ask('nobody', input, {
    name: 'stay',
    alternatives: [
      {
        steps: {
          hotel: { effect: 'hotel', class: 'reversible', with: '${asked.city}', cost: 1 },
          ride: { ask: 'car', after: 'hotel', with: 1, cost: 1 },
        },
      },
      {
        steps: {
          hostel: { ask: 'hostel', with: '${asked.city}', cost: 3 },
          ride2: { ask: 'bus', after: 'hostel', with: 2, cost: 3 },
        },
      },
    ],
  });
  return { paid, stay };
});

test('the code gets what the way gave, whichever it was', async () => {
  const trial = createTrial();
  const book: string[] = [];
  const { site } = await trial.open({ agents: agents(book, new Set(['stripe', 'car'])), workflows: [trip] });
  const { run } = await site.start(trip, { city: 'Rome' });
  expect(await trial.clock.until(() => trial.isEnded(run))).toBe(true);
  const state = await site.state(run);
  expect(state).toMatchObject({ outcome: 'completed', output: { paid: 'razorpay!', stay: 'bus!' } });
  expect(book).toEqual(['razorpay(5)', 'hotel("Rome")', 'undo hotel', 'hostel("Rome")', 'bus(2)']);
  expect(await replay(trial.store, run)).toMatchObject({ equal: true });
  const healed = (await trial.events(run)).filter((event) => event.type === 'fault.healed');
  expect(healed).toMatchObject([
    { step: 'pay', by: 'alternative' },
    { step: 'stay', by: 'alternative' },
  ]);
  expect(trial.troubles).toEqual([]);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14])(
  'a worker dies at its commit %i: the next goes on by the same way',
  async (at) => {
    const trial = createTrial();
    const book: string[] = [];
    const options = { agents: agents(book, new Set(['stripe', 'car'])), workflows: [trip] };
    const first = await trial.open(options, { commit: at, when: 'after' });
    void first.site.start(trip, { city: 'Rome' }, { id: 'r' }).catch(() => {});
    await trial.clock.until(() => trial.isEnded('r'), 2_000);
    const second = await trial.open(options);
    if ((await trial.store.info('r')) === null) await second.site.start(trip, { city: 'Rome' }, { id: 'r' });
    expect(await trial.clock.until(() => trial.isEnded('r'), 600_000)).toBe(true);
    const state = await second.site.state('r');
    expect(state).toMatchObject({ outcome: 'completed', output: { paid: 'razorpay!', stay: 'bus!' } });
    expect(await replay(trial.store, 'r')).toMatchObject({ equal: true });
    // Whatever was tried twice: nothing of the way that was left stands.
    expect(state.effects.filter((done) => done.state !== 'undone')).toEqual([]);
    expect(book).toContain('undo hotel');
  },
);

test('a way that reads what is not there is refused before anything runs', () => {
  const flow = plan('p').step('a', {
    ask: 'x',
    alternatives: [{ steps: { b: { ask: 'y', with: '${steps.nowhere}' } } }],
  });
  expect(() => flow.plan()).toThrow(/alternatives\[0\]\.steps\.b\.with.*nowhere/s);
  const two = plan('p').step('a', {
    ask: 'x',
    alternatives: [{ steps: { b: { ask: 'y' } } }, { steps: { b: { ask: 'z' } } }],
  });
  expect(() => two.plan()).toThrow(/another way of 'a' has a 'b' that is not the same/);
});
