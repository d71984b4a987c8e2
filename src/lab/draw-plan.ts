/** Plans of chance: the same seed draws the same plan, and the same failures. */
import { createSeededChance, type SeededChance } from '../base/index.ts';
import type { JoinMode, Plan, PlanBody, PlanEdge, PlanStep } from '../model/index.ts';
import type { Doing, PlayOptions } from './play.ts';

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

export function drawPlan(seed: number): PlayOptions {
  const chance = createSeededChance(seed);
  const plan: Plan = { name: 'chance', version: '1', ...bodyOf(chance, 0) };
  const failing: Doing = (input, { step }) => {
    if (createSeededChance(`${seed}/${step}`).yes(0.25)) throw new Error(step);
    return { step, input: input ?? null };
  };
  return { plan, input: chance.int(10), functions: { do: failing } };
}
