/** Nobody is left: who is shut out and why, by name where the run knows it, else by number. */
import { type FaultData } from '../../base/index.ts';
import { faultData, goalSkill, NOT_SHOWN, type StepState } from '../../model/index.ts';
import { NOT_ASKED_FOR } from './gates.ts';

export interface Named {
  agent: string;
  why: string;
}

/** Those with a name first, then how many others each gate refused. */
export function shutOut({ cut, refused }: { cut: readonly Named[]; refused: Record<string, number> }): Named[] {
  return [...cut, ...unnamed(cut, refused).map((why) => ({ agent: '', why }))];
}

function unnamed(cut: readonly Named[], refused: Record<string, number>): string[] {
  return Object.entries(refused).flatMap(([why, n]) => {
    const left = n - cut.filter((one) => one.why === why).length;
    return left <= 0 || NOT_SHOWN.has(why) ? [] : [`${left} ${why}`];
  });
}

export function nobody(step: StepState, cut: readonly Named[], refused: Record<string, number>): FaultData {
  const skill = goalSkill(step, step.lesser);
  const gates = Object.entries(refused).map(([why, n]) => `${n} ${why}`);
  if (cut.length === 0 && gates.length > 0)
    return faultData(
      'agent.none',
      `nobody who has the skill '${skill}' may work step '${step.id}': ${gates.join(', ')}`,
      'never',
      { skill, refused },
    );
  if (cut.length === 0)
    return faultData('agent.none', `nobody here has the skill '${skill}' that step '${step.id}' needs`, 'never', {
      skill,
    });
  const unpriced = cut.filter((c) => c.why === 'unpriced').length;
  if (unpriced > 0 && cut.every((c) => c.why === 'unpriced' || c.why === NOT_ASKED_FOR))
    return faultData(
      'budget.unpriced',
      `step '${step.id}' runs under a budget and no agent with '${skill}' names a price in all that it limits; a \`ceiling\` on the step does too`,
      'never',
      { skill },
    );
  const words = [...cut.map((c) => `${c.agent} (${c.why})`), ...unnamed(cut, refused)];
  return faultData('no-way-left', `no agent is left for step '${step.id}': ${words.join(', ')}`, 'never', {
    skill,
    cut: shutOut({ cut, refused }),
  });
}
