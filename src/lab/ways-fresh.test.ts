/** Ways not begun yet are chosen by what was observed up to then: by others at the site, and by the run itself. */
import { expect, test } from 'vitest';
import { parsePlan, planWorkflow, workflow } from '../author/index.ts';
import { Fault } from '../base/index.ts';
import type { EventOf } from '../model/index.ts';
import { functionAgent } from '../ports/agent/index.ts';
import { replay } from '../site/replay.ts';
import { createTrial } from './trial/index.ts';

const TURNS = ['slow', 'dear', 'limited', 'failing'] as const;
type Turned = (typeof TURNS)[number] | 'well';

/** One that answers at once until it turns bad, and one that always takes two seconds. */
async function market() {
  const trial = createTrial();
  const wait = (ms: number) => new Promise<void>((resolve) => trial.clock.after(ms, resolve));
  let is: Turned = 'well';
  let calls = 0;
  const quick = functionAgent('quick', {
    skills: {
      quick: {
        effect: 'pure',
        cost: () => ({ money: is === 'dear' ? 1 : 0.001 }),
        async run() {
          calls++;
          await wait(is === 'slow' ? 20_000 : 10);
          const fails = calls % 4 !== 0;
          if (is === 'limited' && fails) throw new Fault('agent.busy', 'its rate is used up', { afterMs: 50 });
          if (is === 'failing' && fails) throw new Fault('agent.failed', 'it broke', { retry: 'same' });
          return 'quick';
        },
      },
    },
  });
  const steady = functionAgent('steady', {
    skills: {
      steady: {
        effect: 'pure',
        cost: () => ({ money: 0.001 }),
        run: async () => {
          await wait(2_000);
          return 'steady';
        },
      },
    },
  });
  const plans = {
    one: 'steps: { one: { ask: quick } }',
    known: 'steps: { one: { ask: quick }, two: { ask: steady } }',
    later:
      'steps: { first: { ask: quick }, rest: { wait: 10m, after: first }, goal: { ask: quick, after: rest, alternatives: [steady] } }',
    own: 'steps: { first: { ask: quick }, goal: { ask: quick, after: first, alternatives: [steady] } }',
  };
  const coded = workflow('coded', async (run) => {
    await run.ask('quick', 1, { name: 'first' });
    await run.wait('rest', { ms: 600_000 });
    return run.ask('quick', 2, { name: 'goal', alternatives: ['steady'] });
  });
  // Breakers are another matter: here the weights alone decide.
  const { site } = await trial.open({
    agents: [quick, steady],
    health: false,
    keepFacts: false,
    workflows: [
      ...Object.entries(plans).map(([name, text]) => planWorkflow(parsePlan(`{ name: ${name}, ${text} }`))),
      coded,
    ],
  });
  const start = async (name: string) => (await site.start(name, undefined)).run;
  return {
    trial,
    start,
    turns: (now: Turned) => void (is = now),
    async many(name: string, n: number) {
      for (let i = 0; i < n; i++) {
        const run = await start(name);
        expect(await trial.clock.until(() => trial.isEnded(run), 300_000)).toBe(true);
      }
    },
    async wayOf(run: string, step = 'goal') {
      expect(await trial.clock.until(() => trial.isEnded(run), 3_600_000)).toBe(true);
      // What was decided is decided again from the journal alone.
      expect(await replay(trial.store, run)).toMatchObject({ equal: true });
      const taken = (await trial.events(run)).filter((e): e is EventOf<'way.taken'> => e.type === 'way.taken');
      const way = taken.find((e) => e.step === step)?.way;
      return way === undefined ? 'none' : way === -1 ? 'quick' : 'steady';
    },
  };
}

test.each(TURNS)('an agent that others saw becoming %s loses its place in a way that was not begun', async (how) => {
  const at = await market();
  await at.many('known', 5);
  const run = await at.start('later');
  expect(await at.trial.clock.until(async () => (await at.trial.events(run)).length > 6, 1_000)).toBe(true);
  at.turns(how);
  await at.many('one', 12);
  expect(await at.wayOf(run)).toBe('steady');
});

test('one that stayed as it was keeps it, and the journal does not grow by figures that did not change', async () => {
  const at = await market();
  await at.many('known', 5);
  const run = await at.start('later');
  await at.many('one', 12);
  expect(await at.wayOf(run)).toBe('quick');
  const found = (await at.trial.events(run)).filter((e) => e.type === 'candidates.found');
  // Once for each skill, and once more for the one whose figures came only then.
  expect(found.length).toBeLessThanOrEqual(3);
});

test('in code too, where the skill was known from a plain step, without its figures', async () => {
  const at = await market();
  await at.many('known', 5);
  const run = await at.start('coded');
  at.turns('slow');
  await at.many('one', 12);
  expect(await at.wayOf(run)).toBe('steady');
});

test('what the run saw itself counts at once: the very answer that a way is chosen after', async () => {
  const at = await market();
  await at.many('known', 20);
  at.turns('slow');
  // The site's median over 21 calls says nothing of one.
  const run = await at.start('own');
  expect(await at.wayOf(run)).toBe('steady');
});
