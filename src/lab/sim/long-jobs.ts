/** The long runs whose every append is crashed: one as code with 200 steps and more, one as data with every word. */
import type { Json } from '../../base/index.ts';
import type { StepWords } from '../../author/index.ts';
import { type Part, planFrom, signalsOf, signalsOfPlan } from './flows/index.ts';
import type { Job } from './people.ts';

/** A crash does not change how long anything may take. */
const timeoutMs = 30_000;
const timeout = timeoutMs;

function ask(name: string, skill = 'think'): Part {
  return { do: 'ask', name, skill, timeoutMs };
}

function effect(name: string, skill: string): Part {
  return { do: 'effect', name, skill, timeoutMs };
}

function seq(...of: Part[]): Part {
  return { do: 'seq', of };
}

/** Every kind of step, 200 of them and more. */
export function longJob(): Job {
  const part = seq(
    { do: 'code', name: 'first' },
    {
      do: 'map',
      name: 'wide',
      items: Array.from({ length: 16 }, (_, i) => `item ${i}`),
      width: 4,
      body: seq(ask('read'), effect('send', 'mail'), { do: 'code', name: 'sum' }),
    },
    {
      do: 'loop',
      name: 'turns',
      turns: 40,
      body: seq(ask('look'), { do: 'code', name: 'step' }, { do: 'wait', name: 'rest', ms: 5 }),
    },
    {
      do: 'join',
      name: 'both',
      mode: 'all',
      branches: [
        seq(effect('seat', 'book'), ask('a')),
        seq(effect('jot', 'note'), ask('b', 'shaky')),
        ask('c', 'busy'),
      ],
    },
    { do: 'join', name: 'first of', mode: 'any', branches: [ask('race1'), ask('race2')] },
    { do: 'join', name: 'most of', mode: 'atLeast', branches: [ask('m1'), ask('m2'), ask('m3')] },
    { do: 'join', name: 'ends', mode: 'settled', branches: [ask('bad', 'broken'), ask('good')] },
    {
      do: 'try',
      of: { do: 'join', name: 'fails', mode: 'all', branches: [ask('no', 'broken'), effect('late', 'book')] },
    },
    { do: 'try', of: { do: 'gated', name: 'pays', skill: 'pay', timeoutMs } },
    { do: 'try', of: { do: 'effect', name: 'wires', skill: 'wire', right: 'pay:pass', timeoutMs } },
    { do: 'try', of: { do: 'gate', name: 'may it' } },
    { do: 'signal', name: 'go' },
    { do: 'now', name: 'then' },
    { do: 'random', name: 'dice', timeoutMs },
    { do: 'wait', name: 'an hour', ms: 3_600_000 },
    ask('lesser way', 'think'),
    { do: 'ask', name: 'hard', skill: 'hard', lesser: ['think'], timeoutMs },
    { do: 'ask', name: 'panel', skill: 'think', panel: 3, timeoutMs },
    { do: 'child', name: 'child', part: seq(ask('q'), effect('own', 'mail')), budget: 50, more: 1 },
    { do: 'child', name: 'draws', part: seq(ask('q'), effect('own', 'stamp')) },
  );
  const input = { part, carry: 'long', more: 0 } as unknown as Json;
  return { run: 'r1', flow: 'gen', input, signals: signalsOf(part), atMs: 0, budget: { money: 5_000 }, steady: true };
}

/** Every kind of step as data, every join, and what goes wrong in each. */
export function longPlanJob(): Job {
  const steps: Record<string, StepWords> = {
    first: { code: 'digest', with: '${input.carry}' },
    wide: {
      map: JSON.stringify(['a', 'b', 'x/y', '#1', 'ü ☃', 'f']),
      key: 'item',
      width: 3,
      after: 'first',
      steps: {
        read: { ask: 'think', with: '${item}', timeout },
        send: { effect: 'mail', with: '${steps.read}', timeout },
        sum: { code: 'slowly', with: '${steps.send}' },
      },
    },
    turns: {
      loop: '${steps.first}',
      turns: 8,
      after: 'first',
      steps: {
        look: { ask: 'think', with: ['${carry}', '${turn}'], timeout },
        odd: { effect: 'note', after: 'look', if: 'turn % 2 == 1', with: '${turn}', timeout },
        rest: { wait: 5, after: [{ step: 'odd', when: 'completion' }] },
        step: { code: 'digest', after: 'rest', with: '${steps.look}' },
      },
      output: '${steps.step}',
    },
    one: { ask: 'think', after: ['wide', 'turns'], with: 'race', timeout },
    two: { ask: 'think', after: ['wide', 'turns'], with: 'race', timeout },
    three: { ask: 'think', after: ['wide', 'turns'], with: 'race', timeout },
    any: { code: 'digest', after: ['one', 'two', 'three'], join: 'any', with: '${first}' },
    no: { ask: 'broken', after: 'any', timeout },
    sorry: { code: 'digest', after: [{ step: 'no', when: 'failure' }], with: '${faults.no.code}' },
    never: { effect: 'book', after: 'no', with: 'never', timeout },
    ends: { code: 'digest', after: ['sorry', 'never'], join: 'settled', with: ['${steps.sorry}', '${steps.never}'] },
    busy: { ask: 'busy', after: 'ends', timeout, retry: { tries: 4, first: 10 } },
    hard: { ask: 'hard', after: 'ends', lesser: ['think'], timeout },
    panel: { ask: 'think', after: 'ends', agree: { by: 'majority', panel: 3 }, timeout },
    ways: {
      ask: 'hard',
      cost: 1,
      after: 'ends',
      timeout,
      alternatives: [
        {
          steps: {
            seat: { effect: 'book', with: '${asked}', timeout },
            no: { ask: 'broken', after: 'seat', timeout },
          },
          output: '${steps.no}',
        },
        { ask: 'think', cost: 50 },
      ],
    },
    cut: { plan: 'cut', after: 'hard', with: '${steps.hard}', timeout },
    lets: { gate: {}, after: ['busy', 'panel', 'ways', 'cut'] },
    pay: { effect: 'pay', gate: 'lets', after: 'lets', with: 'all of it', timeout },
    wires: { effect: 'wire', right: 'pay:pass', after: [{ step: 'pay', when: 'completion' }], with: 'it', timeout },
    go: { signal: 'go', after: [{ step: 'wires', when: 'completion' }] },
    hour: { wait: 3_600_000, after: 'go' },
    child: {
      workflow: 'gen',
      after: 'hour',
      budget: { money: 50 },
      with: { part: seq(ask('q'), effect('own', 'mail')) as unknown as Json, carry: 'child', more: 1 },
    },
    draws: { workflow: 'sub', after: 'hour', with: { carry: 'draws' } },
  };
  // What races is read by nobody else: who loses is cancelled.
  const told = Object.keys(steps).filter((name) => !['one', 'two', 'three'].includes(name));
  const output = Object.fromEntries(told.map((name) => [name, `\${steps.${name}}`]));
  const plan = planFrom({ name: 'long', version: '1', steps, output });
  return {
    run: 'r1',
    flow: 'long',
    plan,
    input: { carry: 'long' },
    signals: signalsOfPlan(plan),
    atMs: 0,
    budget: { money: 5_000 },
    steady: true,
  };
}

/** What `draws` begins. */
export const longSub = planFrom({
  name: 'sub',
  version: '1',
  steps: {
    q: { ask: 'think', with: '${input.carry}', timeout },
    own: { effect: 'stamp', with: '${steps.q}', timeout },
  },
});
