/**
 * Does a value fit a JSON Schema? A schema may be a stranger's (a card, a model's plan): its patterns are matched in the time
 * of their text (pattern-bounds.ts). One that cannot be is a fault of the schema, and holds no value against it.
 */
import { z } from 'zod';
import { canonicalJson, errorText, type Json } from '../base/index.ts';
import { boundedPattern } from './pattern-bounds.ts';
import { endlessProblem } from './schema-bounds.ts';

interface Made {
  type?: z.ZodType;
  fault?: string;
  /** No value can be held against it, and not because words of it are unknown here. */
  unreadable?: boolean;
}

const made = new Map<string, Made>();
const texts = new WeakMap<object, string>();
const MOST_CACHED = 5000;

/** What is wrong with the value, in words; undefined when it fits. */
export function schemaProblem(schema: Json, value: Json | undefined): string | undefined {
  const { type } = madeOf(schema);
  if (type === undefined) return undefined;
  const parsed = type.safeParse(value ?? null);
  if (parsed.success) return undefined;
  const [first, ...more] = parsed.error.issues;
  const place = first!.path.map(String).join('.') || 'value';
  return `${place}: ${first!.message}${more.length === 0 ? '' : ` (and ${more.length} more)`}`;
}

/** Why this is no schema; undefined when it is one. */
export function schemaFault(schema: Json): string | undefined {
  return madeOf(schema).fault;
}

/** It is no JSON, or reading it does not end: whose schema it is cannot be called by it. */
export function isUnreadable(schema: Json): boolean {
  return madeOf(schema).unreadable === true;
}

function madeOf(schema: Json): Made {
  let text: string;
  try {
    text = textOf(schema);
  } catch (error) {
    return { fault: errorText(error), unreadable: true };
  }
  let one = made.get(text);
  if (one === undefined) {
    if (made.size >= MOST_CACHED) made.clear();
    made.set(text, (one = make(schema)));
  }
  return one;
}

function textOf(schema: Json): string {
  if (typeof schema !== 'object' || schema === null) return canonicalJson(schema);
  let text = texts.get(schema);
  if (text === undefined) texts.set(schema, (text = canonicalJson(schema)));
  return text;
}

function make(schema: Json): Made {
  const endless = endlessProblem(schema);
  if (endless !== undefined) return { fault: endless, unreadable: true };
  const faults: string[] = [];
  try {
    const type = z.fromJSONSchema(bounded(schema, faults) as never);
    return { type, fault: faults[0] };
  } catch (error) {
    return { fault: errorText(error) };
  }
}

/** The library's own are known to end soon, whatever they look like. */
const OWN: ReadonlySet<string> = new Set(
  Object.values(z.regexes).flatMap((one) => (one instanceof RegExp ? [one.source] : [])),
);
/** What stands there is a value, no schema. */
const VALUES: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples']);
/** There schemas stand under names of their author's choosing, which may be those of members too. */
const NAMED: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions', 'dependentSchemas']);

function bounded(schema: Json, faults: string[]): Json {
  if (Array.isArray(schema)) return schema.map((one) => bounded(one, faults));
  if (!isObject(schema)) return schema;
  const members: [string, Json][] = [];
  for (const [key, value] of Object.entries(schema)) {
    if (value === undefined) continue;
    if (key === 'pattern' && typeof value === 'string') {
      const pattern = patternOf(value, faults);
      if (pattern !== undefined) members.push([key, pattern]);
    } else if (key === 'patternProperties' && isObject(value)) {
      members.push([key, boundedEach(value, faults, patternOf)]);
    } else if (NAMED.has(key) && isObject(value)) {
      members.push([key, boundedEach(value, faults, (name) => name)]);
    } else members.push([key, VALUES.has(key) ? value : bounded(value, faults)]);
  }
  return Object.fromEntries(members);
}

function boundedEach(
  schemas: { [name: string]: Json },
  faults: string[],
  nameOf: (name: string, faults: string[]) => string | undefined,
): Json {
  const members: [string, Json][] = [];
  for (const [key, schema] of Object.entries(schemas)) {
    const name = nameOf(key, faults);
    if (name !== undefined) members.push([name, bounded(schema, faults)]);
  }
  return Object.fromEntries(members);
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function patternOf(pattern: string, faults: string[]): string | undefined {
  if (OWN.has(pattern)) return pattern;
  const written = boundedPattern(pattern);
  if (written.problem === undefined) return written.pattern;
  faults.push(`the pattern '${pattern}': ${written.problem}`);
  return undefined;
}
