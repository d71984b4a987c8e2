/** Plans of chance: whatever the edges, joins and failures, a run comes to its end, and a crash changes nothing. */
import { expect, test } from 'vitest';
import { createSeededChance, type SeededChance } from '../base/index.ts';
import { checkPlan } from '../author/index.ts';
import type { JoinMode, Plan, PlanBody, PlanEdge, PlanStep, Turn } from '../model/index.ts';
import { type Doing, type PlayOptions, startPlay } from './play.ts';

const PLANS = 400;

function bodyOf(chance: SeededChance, depth: number): PlanBody {
  const steps: PlanStep[] = [];
  const count = 1 + chance.int(depth === 0 ? 9 : 3);
  for (let i = 0; i < count; i++) {
    const name = `s${i}`;
    const step: PlanStep = { name, kind: 'code', spec: { code: 'do' } };
    const composite = depth < 2 && chance.yes(0.2);
    if (composite && chance.yes(0.5))
      Object.assign(step, {
        kind: 'map',
        over: '[1,2,3]',
        key: 'item',
        spec: { width: 1 + chance.int(3), join: joinOf(chance, 3) },
      });
    else if (composite) Object.assign(step, { kind: 'loop', carry: 0, spec: { maxTurns: chance.int(4) } });
    if (composite) step.body = bodyOf(chance, depth + 1);
    const after: PlanEdge[] = [];
    for (let j = 0; j < i; j++)
      if (chance.yes(0.35))
        after.push({ step: `s${j}`, when: chance.pick(['success', 'success', 'completion', 'failure'] as const) });
    if (after.length > 0) Object.assign(step, { after, join: joinOf(chance, after.length) });
    if (chance.yes(0.1)) step.if = 'input > 5';
    if (!composite) step.input = { all: after.map((edge) => `\${steps.${edge.step}}`) };
    steps.push(step);
  }
  return { steps };
}

function joinOf(chance: SeededChance, most: number): JoinMode {
  return chance.pick(['all', 'all', 'any', 'settled', { atLeast: 1 + chance.int(most) }] as const);
}

function optionsFor(seed: number): PlayOptions {
  const chance = createSeededChance(seed);
  const plan: Plan = { name: 'chance', version: '1', ...bodyOf(chance, 0) };
  const failing: Doing = (input, { step }) => {
    if (createSeededChance(`${seed}/${step}`).yes(0.25)) throw new Error(step);
    return { step, input: input ?? null };
  };
  return { plan, input: chance.int(10), functions: { do: failing } };
}

test(`${PLANS} plans of chance come to their end, with a crash anywhere or without`, () => {
  const outcomes = new Map<string, number>();
  for (let seed = 0; seed < PLANS; seed++) {
    const options = optionsFor(seed);
    const findings = checkPlan(options.plan).filter((finding) => finding.code !== 'unreachable');
    expect(findings, `seed ${seed}`).toEqual([]);
    const whole = startPlay(options).admit().go();
    expect(whole.ended, `seed ${seed} does not end`).toBeDefined();
    outcomes.set(whole.ended!.outcome!, (outcomes.get(whole.ended!.outcome!) ?? 0) + 1);
    const settled = whole.events('step.settled').map((event) => event.step);
    expect(new Set(settled).size, `seed ${seed} settles a step twice`).toBe(settled.length);
    const kept = 1 + createSeededChance(`crash ${seed}`).int(whole.turns.length - 1);
    const turns = JSON.parse(JSON.stringify(whole.turns.slice(0, kept))) as Turn[];
    const crashed = startPlay(options, turns).crash().go();
    expect(crashed.ended, `seed ${seed}, crash after turn ${kept}`).toEqual(whole.ended);
    // Another plan that is the same in all but its name changes nothing either.
    const edited = startPlay(options, JSON.parse(JSON.stringify(turns)) as Turn[]).crash();
    edited.replan({ ...options.plan, goal: 'the same' });
    expect(edited.go().ended, `seed ${seed}, edit after turn ${kept}`).toEqual(whole.ended);
    expect(edited.story('drift.found'), `seed ${seed}, edit after turn ${kept}`).toEqual([]);
  }
  expect([...outcomes.keys()].toSorted()).toEqual(['completed', 'failed']);
});
