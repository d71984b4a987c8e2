/**
 * Effects: what cannot be undone passes a gate, and never runs a race without one. A gate that is named
 * must be a gate, and come before.
 */
import type { PlanBody, PlanStep } from '../plan.ts';
import { nearest } from '../../base/index.ts';
import { allBefore, isBefore, type Known, placeIn, type Room, roomOf, shapeOf } from './known.ts';

export function checkEffects(room: Room): void {
  for (const step of room.body.steps) {
    const place = placeIn(room, step.name);
    checkGate(room, step, place);
    if (isUngated(room.known, step) && !isHeld(room))
      room.report(
        'gate',
        place,
        'it cannot be undone, and passes no gate',
        'Name a `gate` step, or the `right` that a person needs to let it pass.',
      );
    checkRace(room, step, place);
  }
}

function checkGate(room: Room, step: PlanStep, place: string): void {
  const name = step.spec?.gate;
  if (name === undefined) return;
  const found = roomOf(room, name);
  if (found === undefined) {
    if (room.known.around?.includes(name)) return;
    const gates = room.body.steps.filter((s) => s.kind === 'gate').map((s) => s.name);
    return room.report('gate', `${place}.gate`, `there is no gate '${name}'${nearest(name, gates)}`);
  }
  if (found.step.kind !== 'gate')
    return room.report('gate', `${place}.gate`, `'${name}' is no gate: it is a step of kind '${found.step.kind}'`);
  if (found.room === room && !isBefore(room, name, step.name))
    room.report(
      'gate',
      `${place}.gate`,
      `the gate '${name}' does not come before it`,
      `Add '${name}' to its \`after\`.`,
    );
}

function isUngated(known: Known, step: PlanStep): boolean {
  return step.spec?.gate === undefined && step.spec?.right === undefined && isIrreversible(known, step);
}

/** In a way of a step that passes one: so does all that is done in it. */
function isHeld({ body, owner, outer }: Room): boolean {
  const { gate, right, alternatives } = owner?.spec ?? {};
  if ((gate ?? right) !== undefined && alternatives?.some((way) => way.body === body)) return true;
  return outer !== undefined && isHeld(outer);
}

/** As the step says, or its skill, or anybody who might be asked. */
function isIrreversible(known: Known, step: PlanStep): boolean {
  const { spec, kind } = step;
  if (kind !== 'ask' && kind !== 'effect' && kind !== 'plan') return false;
  if (spec?.effect === 'irreversible' || shapeOf(known, step).effect === 'irreversible') return true;
  const able = known.agents?.filter(
    (agent) => agent.skills.includes(spec?.skill ?? '') && (spec?.agent === undefined || spec.agent === agent.name),
  );
  // What declares nothing may be anything.
  return able?.some((a) => a.effect === 'irreversible' || (kind === 'effect' && a.effect === undefined)) ?? false;
}

function checkRace(room: Room, step: PlanStep, place: string): void {
  const isRace = step.join === 'any' || typeof step.join === 'object';
  if (isRace) {
    const branches = (step.after ?? []).map(({ step: name }) => new Set([name, ...allBefore(room, name)]));
    for (const other of room.body.steps) {
      const runs = branches.filter((branch) => branch.has(other.name)).length;
      // What comes before every branch runs no race.
      if (runs === 0 || runs === branches.length) continue;
      for (const name of ungatedIn(room.known, other))
        report(
          room,
          `${place}.join`,
          `'${name}' races others towards '${step.name}', cannot be undone and passes no gate`,
        );
    }
  }
  const need = step.spec?.join;
  if (step.kind === 'map' && step.body !== undefined && (need === 'any' || typeof need === 'object'))
    for (const name of ungatedInBody(room.known, step.body))
      report(room, `${place}.need`, `its items race each other, and '${name}' cannot be undone and passes no gate`);
}

function report(room: Room, place: string, message: string): void {
  room.report('race', place, message, 'Put a gate before it, or take it after the race.');
}

function ungatedIn(known: Known, step: PlanStep): string[] {
  const ways = step.spec?.alternatives?.flatMap((way) => ungatedInBody(known, way.body)) ?? [];
  return [...(isUngated(known, step) ? [step.name] : []), ...ungatedInBody(known, step.body), ...ways];
}

function ungatedInBody(known: Known, body: PlanBody | undefined): string[] {
  return body?.steps.flatMap((step) => ungatedIn(known, step)) ?? [];
}
