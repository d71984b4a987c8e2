/**
 * Another plan for a run of chance that is under way: each change such that the run must come to what the new plan comes
 * to, wherever the change meets it. By itself, for nothing that stands is drift; or, where one step is asked `otherwise`,
 * once a person has said that it is to be worked anew.
 */
import type { Json, SeededChance } from '../../../base/index.ts';
import type { PlanWords } from '../../../author/index.ts';
import type { Plan, PlanStep } from '../../../model/index.ts';
import { planFrom } from './generate-plan.ts';

export const changes = ['same', 'more', 'read', 'before', 'less', 'renamed', 'otherwise'] as const;
/** `back`: to the plan before. */
export type Change = (typeof changes)[number] | 'back';

export interface Changed {
  change: Change;
  plan: Plan;
}

/** What is drawn may not be possible with this plan: then it says the same in other words. */
export function changePlan(chance: SeededChance, plan: Plan): Changed {
  const change = chance.pick(changes);
  const made =
    plan.steps.some(({ name }) => name === ADDED) && ADDING.has(change) ? undefined : changed(chance, plan, change);
  if (made !== undefined) return { change, plan: made };
  return { change: 'same', plan: { ...plan, goal: 'the same' } };
}

/** What a changed plan has more. */
const ADDED = 'added';
const ADDING: ReadonlySet<string> = new Set<Change>(['more', 'read', 'before']);

function changed(chance: SeededChance, plan: Plan, change: Change): Plan | undefined {
  switch (change) {
    case 'same':
    case 'back':
      return undefined;
    case 'more':
    case 'read': {
      // Who has lost a race gives nothing any more; where the new plan begins, it had not lost.
      const some = plan.steps.filter(({ name }) => !name.startsWith('racer'));
      const after = chance.yes(0.7) && some.length > 0 ? [chance.pick(some).name] : [];
      const words = chance.pick([
        // Whose answer is lost is given up before the world is.
        { ask: 'think', timeout: '30s' },
        { code: 'digest' },
        { effect: 'note', timeout: '30s' },
        { wait: 40 },
      ]);
      const input = 'wait' in words ? undefined : '${input.carry}';
      const steps = [...plan.steps, stepOf(plan, { ...words, with: input, after })];
      return change === 'more' ? { ...plan, steps } : { ...plan, steps, output: withMore(plan, `\${steps.${ADDED}}`) };
    }
    case 'before': {
      const later = plan.steps.filter(({ after = [], join = 'all' }) => after.length > 0 && join === 'all');
      if (later.length === 0) return undefined;
      const one = chance.pick(later);
      const first = stepOf(plan, { code: 'digest', with: '${input.carry}' });
      const steps = plan.steps.map((step) =>
        step === one ? { ...step, after: [...(step.after ?? []), { step: first.name }] } : step,
      );
      return { ...plan, steps: [first, ...steps] };
    }
    case 'less': {
      const some = plan.steps.filter((step) => isSure(step) && !step.name.endsWith(NOW) && !isWanted(plan, step.name));
      if (some.length === 0) return undefined;
      const { name } = chance.pick(some);
      const { [name]: _, ...output } = plan.output as Record<string, Json>;
      return { ...plan, steps: plan.steps.filter((step) => step.name !== name), output };
    }
    case 'renamed': {
      const some = plan.steps.filter(
        ({ name, kind, spec }) =>
          RENAMED.has(kind) && !name.endsWith(NOW) && spec?.right === undefined && spec?.gate === undefined,
      );
      if (some.length === 0) return undefined;
      return renamed(plan, chance.pick(some).name);
    }
    case 'otherwise': {
      const some = plan.steps.filter(
        ({ name, kind, input, spec }) =>
          (kind === 'ask' || kind === 'code') &&
          input !== undefined &&
          spec?.alternatives === undefined &&
          !isWanted(plan, name),
      );
      if (some.length === 0) return undefined;
      const one = chance.pick(some);
      const other: PlanStep = { ...one, input: { of: one.input!, otherwise: true } };
      return { ...plan, steps: plan.steps.map((step) => (step === one ? other : step)) };
    }
  }
}

/** What a person or a sender thinks of a step hangs on its name; what these give does not. */
const RENAMED: ReadonlySet<string> = new Set(['ask', 'code', 'effect', 'wait']);

/** It comes to a good end, whatever else happens: nothing looks after its failure, and nothing it does after that of others. */
function isSure({ name, after = [] }: PlanStep): boolean {
  return !name.startsWith('ask') && after.every(({ when }) => when === undefined || when === 'success');
}

/** By another step, as what it comes after or reads. */
function isWanted(plan: Plan, name: string): boolean {
  const others = plan.steps.filter((step) => step.name !== name);
  return new RegExp(`"step":"${name}"|\\b(?:steps|faults)\\.${name}\\b|"gate":"${name}"`).test(JSON.stringify(others));
}

function stepOf({ name }: Plan, words: PlanWords['steps'][string]): PlanStep {
  const after = words.after as string[] | undefined;
  const around = Object.fromEntries((after ?? []).map((one) => [one, { code: 'digest', with: 1 }]));
  const made = planFrom({ name, version: '1', steps: { ...around, [ADDED]: words }, output: null });
  return made.steps.find((step) => step.name === ADDED)!;
}

function withMore({ output }: Plan, more: Json): Json {
  return { ...(output as Record<string, Json>), [ADDED]: more };
}

/** What a renamed step is called now; nothing else ends so. */
const NOW = 'Renamed';

/** What a step (or one inside of it) was called when it was asked: sinks and books outside know it by that. */
export function formerName(step: string): string {
  return step.replaceAll(new RegExp(`${NOW}(?=/|$)`, 'g'), '');
}

function renamed(plan: Plan, name: string): Plan {
  const now = `${name}${NOW}`;
  const text = JSON.stringify(plan)
    .replaceAll(new RegExp(`("step":)"${name}"`, 'g'), `$1"${now}"`)
    .replaceAll(new RegExp(`\\b(steps|faults)\\.${name}\\b`, 'g'), `$1.${now}`);
  const other = JSON.parse(text) as Plan;
  for (const step of other.steps) if (step.name === name) Object.assign(step, { name: now, was: name });
  return other;
}
