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
  checkRoom({ body, place: '', known, report: reporter(findings), ...namesOf(body) });
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
    checkRoom({ ...room, body: step.body, place, owner: step, outer: room, ...namesOf(step.body) });
  }
}

function namesOf(body: PlanBody): Pick<Room, 'byName' | 'before'> {
  const byName = new Map(body.steps.map((step) => [step.name, step]));
  return { byName, before: allBefore(body.steps, byName) };
}

function allBefore(steps: readonly PlanStep[], byName: ReadonlyMap<string, PlanStep>): Map<string, Set<string>> {
  const before = new Map<string, Set<string>>();
  for (const step of steps) {
    const found = new Set<string>();
    const look = [step];
    for (let i = 0; i < look.length; i++) {
      for (const edge of look[i]!.after ?? []) {
        const source = byName.get(edge.step);
        if (source === undefined || found.has(edge.step)) continue;
        found.add(edge.step);
        const known = before.get(edge.step);
        if (known === undefined) look.push(source);
        else for (const name of known) found.add(name);
      }
    }
    before.set(step.name, found);
  }
  return before;
}
