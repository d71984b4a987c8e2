/** Expressions and templates: do they parse, and do they read only what is there by then? */
import { errorText, type Json } from '../../base/index.ts';
import { compileExpr, type Refs } from '../expr.ts';
import type { PlanStep } from '../plan.ts';
import { compileTemplate } from '../template.ts';
import { nearest } from './finding.ts';
import { placeIn, type Room } from './known.ts';

const ALWAYS = ['input', 'goal', 'steps', 'faults', 'joined', 'first'];

export function checkValues(room: Room): void {
  const all = new Set(room.byName.keys());
  for (const step of room.body.steps) {
    const place = placeIn(room, step.name);
    const before = room.before.get(step.name) ?? new Set<string>();
    expr(room, `${place}.if`, step.if, before);
    expr(room, `${place}.map`, step.over, before);
    expr(room, `${place}.key`, step.key, before, ['item', 'index']);
    template(room, `${place}.with`, step.input, before);
    template(room, `${place}.loop`, step.carry, before);
    for (const [i, edge] of (step.after ?? []).entries())
      expr(room, `${place}.after[${i}].if`, edge.if, new Set(before).add(edge.step));
    checkUntil(room, step, `${place}.until`, before);
  }
  template(room, `${room.place}output`, room.body.output, all);
}

/** `until` reads what is carried, the turn, and the steps of the turn. */
function checkUntil(room: Room, step: PlanStep, place: string, before: ReadonlySet<string>): void {
  const inner = new Set([...before, ...(step.body?.steps.map((s) => s.name) ?? [])]);
  const byName = new Map([...room.byName, ...(step.body?.steps.map((s) => [s.name, s] as const) ?? [])]);
  expr({ ...room, byName }, place, step.until, inner, ['carry', 'turn']);
}

function expr(
  room: Room,
  place: string,
  text: string | undefined,
  before: ReadonlySet<string>,
  extra: readonly string[] = [],
): void {
  if (text !== undefined) read(room, place, () => compileExpr(text).refs, before, extra);
}

function template(room: Room, place: string, json: Json | undefined, before: ReadonlySet<string>): void {
  if (json === undefined) return;
  // Each text by itself, so that a finding names its place.
  if (typeof json === 'object' && json !== null) {
    const parts = Array.isArray(json) ? json.map((part, i) => [`[${i}]`, part] as const) : Object.entries(json);
    for (const [key, part] of parts) template(room, `${place}${Array.isArray(json) ? key : `.${key}`}`, part, before);
  } else read(room, place, () => compileTemplate(json).refs, before, []);
}

function read(
  room: Room,
  place: string,
  refsOf: () => Refs,
  before: ReadonlySet<string>,
  extra: readonly string[],
): void {
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
  }
  return [...new Set(vars)];
}

/** A step is read only by what comes after it. */
function checkStep(room: Room, place: string, name: string, before: ReadonlySet<string>): void {
  if (room.byName.has(name)) {
    if (!before.has(name))
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
    if (at.before.get(inner.owner!.name)?.has(name)) return;
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
