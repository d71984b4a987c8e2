/** Expressions and templates: do they parse, and do they read only what is there by then? */
import { errorText, type Json, nearest } from '../../base/index.ts';
import { compileExpr, type Refs } from '../expr.ts';
import type { PlanStep } from '../plan.ts';
import { compileTemplate } from '../template.ts';
import { isBefore, placeIn, type Room } from './known.ts';

const ALWAYS = ['input', 'goal', 'steps', 'faults', 'joined', 'first'];

/** Which steps of this body may be read here. */
type Readable = (name: string) => boolean;

export function checkValues(room: Room): void {
  for (const step of room.body.steps) {
    const place = placeIn(room, step.name);
    const before: Readable = (name) => isBefore(room, name, step.name);
    expr(room, `${place}.if`, step.if, before);
    expr(room, `${place}.map`, step.over, before);
    expr(room, `${place}.key`, step.key, before, ['item', 'index']);
    template(room, `${place}.with`, step.input, before);
    template(room, `${place}.loop`, step.carry, before);
    for (const [i, edge] of (step.after ?? []).entries())
      expr(room, `${place}.after[${i}].if`, edge.if, (name) => name === edge.step || isBefore(room, name, edge.step));
    if (step.until !== undefined) checkUntil(room, step, `${place}.until`);
  }
  template(room, `${room.place}output`, room.body.output, () => true);
}

/** `until` reads what is carried, the turn, and the steps of the turn. */
function checkUntil(room: Room, step: PlanStep, place: string): void {
  const inner = new Set(step.body?.steps.map((s) => s.name));
  const byName = new Map([...room.byName, ...(step.body?.steps.map((s) => [s.name, s] as const) ?? [])]);
  const readable: Readable = (name) => inner.has(name) || isBefore(room, name, step.name);
  expr({ ...room, byName }, place, step.until, readable, ['carry', 'turn']);
}

function expr(
  room: Room,
  place: string,
  text: string | undefined,
  before: Readable,
  extra: readonly string[] = [],
): void {
  if (text !== undefined) read(room, place, () => compileExpr(text).refs, before, extra);
}

function template(room: Room, place: string, json: Json | undefined, before: Readable): void {
  if (json === undefined) return;
  // Each text by itself, so that a finding names its place.
  if (typeof json === 'object' && json !== null) {
    const parts = Array.isArray(json) ? json.map((part, i) => [`[${i}]`, part] as const) : Object.entries(json);
    for (const [key, part] of parts) template(room, `${place}${Array.isArray(json) ? key : `.${key}`}`, part, before);
  } else read(room, place, () => compileTemplate(json).refs, before, []);
}

function read(room: Room, place: string, refsOf: () => Refs, before: Readable, extra: readonly string[]): void {
  let refs: Refs;
  try {
    refs = refsOf();
  } catch (thrown) {
    return room.report('expression', place, errorText(thrown));
  }
  const vars = [...ALWAYS, ...extra, ...varsAround(room)];
  for (const name of refs.vars)
    if (!vars.includes(name))
      room.report(
        'expression',
        place,
        `'${name}' is not known here${hint(room, name, vars)}`,
        `Known here: ${vars.join(', ')}.`,
      );
  for (const name of new Set([...refs.steps, ...refs.faults])) checkStep(room, place, name, before);
}

function hint(room: Room, name: string, vars: readonly string[]): string {
  return room.byName.has(name) ? ` (the step is read as steps.${name})` : nearest(name, vars);
}

function varsAround(room: Room): string[] {
  const vars: string[] = [];
  for (let at: Room | undefined = room; at !== undefined; at = at.outer) {
    if (at.owner?.kind === 'map') vars.push('item', 'index', 'key');
    if (at.owner?.kind === 'loop') vars.push('carry', 'turn');
    if (at.owner?.kind === 'ask' || at.owner?.kind === 'effect') vars.push('asked');
  }
  return [...new Set(vars)];
}

/** A step is read only by what comes after it. */
function checkStep(room: Room, place: string, name: string, before: Readable): void {
  if (room.byName.has(name)) {
    if (!before(name))
      room.report(
        'not-before',
        place,
        `it reads '${name}', which does not come before it`,
        `Add '${name}' to its \`after\`, or to that of a step before it.`,
      );
    return;
  }
  let inner = room;
  for (let at = room.outer; at !== undefined; inner = at, at = at.outer) {
    if (!at.byName.has(name)) continue;
    if (isBefore(at, name, inner.owner!.name)) return;
    return room.report(
      'not-before',
      place,
      `it reads '${name}' from outside, which does not come before '${inner.owner!.name}'`,
      `Let '${inner.owner!.name}' come after '${name}'.`,
    );
  }
  if (room.known.around?.includes(name)) return;
  room.report('unknown-step', place, `there is no step '${name}'${nearest(name, room.byName.keys())}`);
}
