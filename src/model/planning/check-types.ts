/** Types: what a step is given against what it takes, as far as JSON Schemas say so. */
import { type Json, nearest } from '../../base/index.ts';
import { compileExpr } from '../expr.ts';
import { wholeExpr } from '../template.ts';
import { placeIn, type Room, roomOf, shapeOf } from './known.ts';

type Schema = { [key: string]: Json };

/** Deeper than this nothing is compared. */
const MOST_DEPTH = 6;

export function checkTypes(room: Room): void {
  for (const step of room.body.steps) {
    const place = placeIn(room, step.name);
    if (step.input !== undefined) {
      checkPaths(room, `${place}.with`, step.input);
      const wanted = shapeOf(room.known, step).input;
      if (wanted !== undefined) compare(room, `${place}.with`, step.input, asSchema(wanted), 0);
    }
    if (step.over === undefined) continue;
    const list = exprSchema(room, `${place}.map`, step.over, true);
    const types = typesOf(list);
    if (types !== undefined && !types.has('array'))
      room.report('type', `${place}.map`, `'${step.over}' gives ${named(types)}, not a list`);
  }
  if (room.body.output !== undefined) checkPaths(room, `${room.place}output`, room.body.output);
}

/** Members that are read and are not there. */
function checkPaths(room: Room, place: string, json: Json): void {
  if (typeof json === 'string') {
    const text = wholeExpr(json);
    if (text !== undefined) exprSchema(room, place, text, true);
  } else if (Array.isArray(json)) for (const [i, part] of json.entries()) checkPaths(room, `${place}[${i}]`, part);
  else if (typeof json === 'object' && json !== null)
    for (const [key, part] of Object.entries(json)) checkPaths(room, `${place}.${key}`, part);
}

function compare(room: Room, place: string, given: Json, wanted: Schema | undefined, depth: number): void {
  if (wanted === undefined || depth > MOST_DEPTH) return;
  const text = typeof given === 'string' ? wholeExpr(given) : undefined;
  if (text !== undefined) {
    const schema = exprSchema(room, place, text, false);
    const reason = schema === undefined ? undefined : misfit(schema, wanted, '', 0);
    if (reason !== undefined) room.report('type', place, `'${text}' does not fit: ${reason}`);
    return;
  }
  const types = typesOf(wanted);
  const type = jsonType(given);
  if (types !== undefined && !types.has(type) && !(type === 'integer' && types.has('number')))
    return room.report('type', place, `it is given ${named([type])}, and takes ${named(types)}`);
  if (type === 'array' && asSchema(wanted.items) !== undefined)
    for (const [i, part] of (given as Json[]).entries())
      compare(room, `${place}[${i}]`, part, asSchema(wanted.items), depth + 1);
  if (type !== 'object') return;
  const members = given as Schema;
  const properties = asSchema(wanted.properties) ?? {};
  for (const name of (wanted.required as string[] | undefined) ?? [])
    if (!Object.hasOwn(members, name)) room.report('type', place, `'${name}' is missing`);
  for (const [name, part] of Object.entries(members)) {
    if (Object.hasOwn(properties, name)) compare(room, `${place}.${name}`, part, asSchema(properties[name]), depth + 1);
    else if (wanted.additionalProperties === false)
      room.report('type', `${place}.${name}`, `'${name}' is not taken${nearest(name, Object.keys(properties))}`);
  }
}

/** Why values of one schema do not fit another; undefined where they may. */
function misfit(has: Schema, wanted: Schema, path: string, depth: number): string | undefined {
  if (depth > MOST_DEPTH) return undefined;
  const [a, b] = [typesOf(has), typesOf(wanted)];
  const where = path === '' ? 'it' : `'${path}'`;
  if (a !== undefined && b !== undefined) {
    const fits = [...a].some(
      (type) => b.has(type) || (type === 'integer' && b.has('number')) || (type === 'number' && b.has('integer')),
    );
    if (!fits) return `${where} is ${named(a)}, and ${named(b)} is taken`;
  }
  const [hasItems, wantedItems] = [asSchema(has.items), asSchema(wanted.items)];
  if (hasItems !== undefined && wantedItems !== undefined) return misfit(hasItems, wantedItems, `${path}[]`, depth + 1);
  const [hasProps, wantedProps] = [asSchema(has.properties), asSchema(wanted.properties)];
  if (hasProps === undefined || wantedProps === undefined) return undefined;
  for (const name of (wanted.required as string[] | undefined) ?? [])
    if (!Object.hasOwn(hasProps, name) && isClosed(has)) return `'${path}${path && '.'}${name}' is missing`;
  for (const [name, schema] of Object.entries(wantedProps)) {
    const [one, other] = [asSchema(hasProps[name]), asSchema(schema)];
    const reason = one && other && misfit(one, other, `${path}${path && '.'}${name}`, depth + 1);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** The schema of what a plain path gives (`steps.logs.lines`); undefined where it is not known. */
function exprSchema(room: Room, place: string, text: string, report: boolean): Schema | undefined {
  let path: readonly string[] | undefined;
  try {
    path = compileExpr(text).path;
  } catch {
    return undefined;
  }
  if (path === undefined) return undefined;
  const [root, ...rest] = path;
  let schema: Schema | undefined;
  let at = root!;
  if (root === 'input') schema = asSchema(room.known.input);
  else if (root === 'steps' && rest.length > 0) {
    at = `steps.${rest[0]}`;
    const found = roomOf(room, rest.shift()!);
    schema = found && asSchema(shapeOf(room.known, found.step).output);
  }
  for (const name of rest) {
    const properties = asSchema(schema?.properties);
    if (schema === undefined || properties === undefined) return undefined;
    if (!Object.hasOwn(properties, name)) {
      if (report && isClosed(schema))
        room.report(
          'type',
          place,
          `${at} has no '${name}'${nearest(name, Object.keys(properties))}`,
          `It has: ${Object.keys(properties).join(', ')}.`,
        );
      return undefined;
    }
    schema = asSchema(properties[name]);
    at += `.${name}`;
  }
  return schema;
}

/** An object that names its members and says nothing of others is read as having no others. */
function isClosed(schema: Schema): boolean {
  return schema.additionalProperties === undefined || schema.additionalProperties === false;
}

function typesOf(schema: Schema | undefined): Set<string> | undefined {
  const type = schema?.type;
  if (typeof type === 'string') return new Set([type]);
  return Array.isArray(type) ? new Set(type as string[]) : undefined;
}

function asSchema(json: Json | undefined): Schema | undefined {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : undefined;
}

function jsonType(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

function named(types: Iterable<string>): string {
  const words: Record<string, string> = {
    array: 'a list',
    null: 'nothing',
    integer: 'a whole number',
    object: 'an object',
  };
  return [...types].map((type) => words[type] ?? `a ${type}`).join(' or ');
}
