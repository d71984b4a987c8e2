/** Everything that is wrong with a plan, all at once, each with its place and reason. */
import type { PlanBody, PlanStep } from '../plan.ts';
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

function checkRoom(room: Room): void {
  checkGraph(room);
  checkKinds(room);
  checkValues(room);
  checkTypes(room);
  checkEffects(room);
  for (const step of room.body.steps) {
    if (step.body === undefined) continue;
    const place = `${placeIn(room, step.name)}.`;
    checkRoom({ ...room, body: step.body, place, owner: step, outer: room, byName: namesOf(step.body) });
  }
}

function namesOf(body: PlanBody): ReadonlyMap<string, PlanStep> {
  return new Map(body.steps.map((step) => [step.name, step]));
}
