/** What the checks may know of the world, and what they know of the place they are at. */
import type { Json } from '../../base/index.ts';
import type { PlanBody, PlanStep } from '../plan.ts';
import type { EffectClass } from '../words.ts';
import type { ProtocolShape } from './check-agree.ts';
import type { Report } from './finding.ts';

export interface KnownShape {
  /** JSON Schemas. */
  input?: Json;
  output?: Json;
  effect?: EffectClass;
}

export interface KnownAgent {
  name: string;
  skills: readonly string[];
  effect?: EffectClass;
}

/** Left out = not known, and not checked. */
export interface Known {
  skills?: Readonly<Record<string, KnownShape>>;
  agents?: readonly KnownAgent[];
  workflows?: Readonly<Record<string, KnownShape>>;
  functions?: readonly string[];
  /** Protocols of agreement, and their options: all that there are, or those that are known by now. */
  protocols?: Readonly<Record<string, ProtocolShape>>;
  someProtocols?: Readonly<Record<string, ProtocolShape>>;
  /** JSON Schema of the run's input. */
  input?: Json;
  /** Steps around a sub-plan, all of them settled. */
  around?: readonly string[];
}

/** One body under check, inside of others. */
export interface Room {
  body: PlanBody;
  place: string;
  known: Known;
  report: Report;
  byName: ReadonlyMap<string, PlanStep>;
  /** The map, loop or plan it is the body of, and the room that stands in. */
  owner?: PlanStep;
  outer?: Room;
}

export function placeIn(room: Room, name: string): string {
  return `${room.place}steps.${name}`;
}

/** Does `early` come before `late` in this body? */
export function isBefore(room: Room, early: string, late: string): boolean {
  for (const name of allBefore(room, late)) if (name === early) return true;
  return false;
}

/** All that come before a step, the nearest first. */
export function* allBefore(room: Room, name: string): Generator<string> {
  const seen = new Set<string>();
  const look = [name];
  for (let i = 0; i < look.length; i++)
    for (const edge of room.byName.get(look[i]!)?.after ?? []) {
      if (seen.has(edge.step) || !room.byName.has(edge.step)) continue;
      seen.add(edge.step);
      look.push(edge.step);
      yield edge.step;
    }
}

/** The step of this name in this room or one around it. */
export function roomOf(room: Room, name: string): { room: Room; step: PlanStep } | undefined {
  for (let at: Room | undefined = room; at !== undefined; at = at.outer) {
    const step = at.byName.get(name);
    if (step !== undefined) return { room: at, step };
  }
  return undefined;
}

/** What is known of a step's result and of what it takes. */
export function shapeOf(known: Known, step: PlanStep): KnownShape {
  const skill = step.spec?.skill === undefined ? undefined : known.skills?.[step.spec.skill];
  const child = step.spec?.workflow === undefined ? undefined : known.workflows?.[step.spec.workflow];
  const shape = step.kind === 'workflow' ? child : skill;
  return {
    input: step.kind === 'plan' ? undefined : shape?.input,
    output: outputOf(step, shape),
    effect: shape?.effect,
  };
}

function outputOf(step: PlanStep, shape: KnownShape | undefined): Json | undefined {
  if (step.kind === 'plan' || step.kind === 'map' || step.kind === 'loop') return step.output;
  if (step.kind === 'gate') return GATE_ANSWER;
  return step.output ?? shape?.output;
}

const GATE_ANSWER: Json = {
  type: 'object',
  properties: { choice: { type: 'string' }, by: { type: 'string' }, value: {} },
  additionalProperties: false,
};
