/** Everything that is wrong with a plan, all at once, each with its place and reason. */
import { canonicalJson } from '../../base/index.ts';
import type { PlanBody, PlanStep } from '../plan.ts';
import type { StepSpec } from '../words.ts';
import { checkAgree } from './check-agree.ts';
import { checkEffects } from './check-effects.ts';
import { checkGraph } from './check-graph.ts';
import { checkKinds } from './check-kinds.ts';
import { checkTypes } from './check-types.ts';
import { checkValues } from './check-values.ts';
import { type Finding, reporter } from './finding.ts';
import { type Known, placeIn, type Room } from './known.ts';

export function checkBody(body: PlanBody, known: Known = {}): Finding[] {
  const findings: Finding[] = [];
  checkRoom({ body, place: '', known, report: reporter(findings), byName: namesOf(body) });
  return findings;
}

/** A way of a step that code asks for: nothing of the run can be read in it but `asked`, `input` and `goal`. */
export function checkWay(spec: StepSpec, body: PlanBody, known: Known = {}): Finding[] {
  const findings: Finding[] = [];
  const owner: PlanStep = { name: spec.skill ?? 'step', kind: 'ask', spec };
  const around: PlanBody = { steps: [owner] };
  const outer: Room = { body: around, place: '', known, report: reporter(findings), byName: namesOf(around) };
  checkRoom({ ...outer, body, place: 'alternatives.', owner, outer, byName: namesOf(body) });
  return findings;
}

function checkRoom(room: Room): void {
  checkGraph(room);
  checkKinds(room);
  checkAgree(room);
  checkValues(room);
  checkTypes(room);
  checkEffects(room);
  for (const step of room.body.steps) {
    checkWays(room, step);
    if (step.body === undefined) continue;
    const place = `${placeIn(room, step.name)}.`;
    checkRoom({ ...room, body: step.body, place, owner: step, outer: room, byName: namesOf(step.body) });
  }
}

/** Each way by itself; and what two ways call by one name must be one thing, or half of it would be kept. */
function checkWays(room: Room, step: PlanStep): void {
  const { alternatives } = step.spec ?? {};
  if (alternatives === undefined) return;
  const own = placeIn(room, step.name);
  if (step.kind !== 'ask' && step.kind !== 'effect')
    room.report('shape', `${own}.alternatives`, `a step of kind '${step.kind}' has no alternatives`);
  if (step.spec?.agree !== undefined)
    room.report('shape', `${own}.alternatives`, 'a panel has no alternatives', 'Put them on a step without `agree`.');
  const named = new Map<string, string>();
  for (const [i, { body }] of alternatives.entries()) {
    const place = `${own}.alternatives[${i}].`;
    checkRoom({ ...room, body, place, owner: step, outer: room, byName: namesOf(body) });
    for (const inner of body.steps) {
      const text = canonicalJson(inner);
      if (named.get(inner.name) !== undefined && named.get(inner.name) !== text)
        room.report(
          'duplicate',
          `${place}steps.${inner.name}`,
          `another way of '${step.name}' has a '${inner.name}' that is not the same`,
          'Ways share steps of the same name: rename it, or write it the same.',
        );
      named.set(inner.name, text);
    }
  }
}

function namesOf(body: PlanBody): ReadonlyMap<string, PlanStep> {
  return new Map(body.steps.map((step) => [step.name, step]));
}
