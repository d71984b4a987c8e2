/** Plans of chance: whatever the edges, joins and failures, a run comes to its end, and a crash changes nothing. */
import { expect, test } from 'vitest';
import { createSeededChance } from '../base/index.ts';
import { checkPlan } from '../author/index.ts';
import type { Turn } from '../model/index.ts';
import { drawPlan } from './draw-plan.ts';
import { startPlay } from './play.ts';

const PLANS = 400;

test(`${PLANS} plans of chance come to their end, with a crash anywhere or without`, () => {
  const outcomes = new Map<string, number>();
  for (let seed = 0; seed < PLANS; seed++) {
    const options = drawPlan(seed);
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
