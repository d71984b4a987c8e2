/** What each kind of step must say, and whether anybody here can do it. */
import type { PlanStep } from '../plan.ts';
import { schemaFault } from '../schema-problem.ts';
import { nearest } from '../../base/index.ts';
import type { Report } from './finding.ts';
import { type Known, placeIn, type Room } from './known.ts';

export function checkKinds(room: Room): void {
  for (const step of room.body.steps) checkStep(room, step, placeIn(room, step.name));
}

function checkStep(room: Room, step: PlanStep, place: string): void {
  const { known, report } = room;
  const { spec } = step;
  if (step.output !== undefined) {
    const fault = schemaFault(step.output);
    if (fault !== undefined) report('type', `${place}.returns`, `this is no JSON Schema: ${fault}`);
  }
  if (step.body !== undefined && step.kind !== 'map' && step.kind !== 'loop')
    report('shape', `${place}.steps`, `a step of kind '${step.kind}' has no steps of its own`);
  switch (step.kind) {
    case 'ask':
    case 'effect':
    case 'plan':
      if (spec?.skill === undefined) {
        if (spec?.alternatives === undefined) report('shape', place, 'it names no skill');
      } else checkSkill(known, report, place, spec.skill, spec.agent);
      for (const [i, lesser] of (spec?.lesser ?? []).entries())
        checkSkill(known, report, `${place}.lesser[${i}]`, lesser.skill, lesser.agent);
      return;
    case 'code':
      if (spec?.code === undefined) report('shape', place, 'it names no function');
      else checkOneOf(report, 'function', `${place}.code`, 'function', spec.code, known.functions);
      return;
    case 'workflow':
      if (spec?.workflow === undefined) report('shape', place, 'it names no workflow');
      else {
        const names = known.workflows === undefined ? undefined : Object.keys(known.workflows);
        checkOneOf(report, 'workflow', `${place}.workflow`, 'workflow', spec.workflow, names);
      }
      return;
    case 'map':
      if (step.over === undefined) report('shape', place, 'it names no list');
      if (step.key === undefined)
        report('map-key', place, 'a map needs a key for its items', "Say what names an item: key: 'item.id'.");
      checkInside(step, place, report);
      return;
    case 'loop':
      if (step.until === undefined && spec?.maxTurns === undefined)
        report('loop-end', place, 'this loop never ends', 'Give it `until` or `turns`.');
      checkInside(step, place, report);
      return;
    case 'wait':
      if (spec?.waitMs === undefined && spec?.untilMs === undefined && step.input === undefined)
        report('shape', place, 'it does not say how long to wait');
      return;
    case 'signal':
      if (spec?.signal === undefined) report('signal', place, 'it does not name its signal');
      return;
    case 'gate':
      return;
  }
}

function checkInside(step: PlanStep, place: string, report: Report): void {
  if (step.body === undefined) report('shape', place, `a ${step.kind} needs steps of its own`);
}

function checkSkill(known: Known, report: Report, place: string, skill: string, agent: string | undefined): void {
  const { skills, agents } = known;
  if (skills !== undefined && !Object.hasOwn(skills, skill))
    return report('skill', place, `there is no skill '${skill}'${nearest(skill, Object.keys(skills))}`);
  if (agents === undefined) return;
  const able = agents.filter((a) => a.skills.includes(skill));
  if (able.length === 0)
    return report('nobody', place, `nobody here has the skill '${skill}'`, 'Add an agent that has it, or ask another.');
  if (agent !== undefined && !able.some((a) => a.name === agent))
    report(
      'nobody',
      place,
      `'${agent}' does not have the skill '${skill}'; these do: ${able.map((a) => a.name).join(', ')}`,
    );
}

function checkOneOf(
  report: Report,
  code: 'function' | 'workflow',
  place: string,
  what: string,
  name: string,
  names: readonly string[] | undefined,
): void {
  if (names === undefined || names.includes(name)) return;
  report(code, place, `no ${what} is registered as '${name}'${nearest(name, names)}`);
}
