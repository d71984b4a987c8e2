/** Does a value fit a JSON Schema? */
import { z } from 'zod';
import { canonicalJson, errorText, type Json } from '../base/index.ts';

const made = new Map<string, z.ZodType | string>();
const texts = new WeakMap<object, string>();
const MOST_CACHED = 5000;

/** What is wrong with the value, in words; undefined when it fits. */
export function schemaProblem(schema: Json, value: Json | undefined): string | undefined {
  const type = typeOf(schema);
  if (typeof type === 'string') return undefined;
  const parsed = type.safeParse(value ?? null);
  if (parsed.success) return undefined;
  const [first, ...more] = parsed.error.issues;
  const place = first!.path.map(String).join('.') || 'value';
  return `${place}: ${first!.message}${more.length === 0 ? '' : ` (and ${more.length} more)`}`;
}

/** Why this is no schema; undefined when it is one. */
export function schemaFault(schema: Json): string | undefined {
  const type = typeOf(schema);
  return typeof type === 'string' ? type : undefined;
}

function typeOf(schema: Json): z.ZodType | string {
  const isObject = typeof schema === 'object' && schema !== null;
  let text = isObject ? texts.get(schema) : canonicalJson(schema);
  if (text === undefined) texts.set(schema as object, (text = canonicalJson(schema)));
  let type = made.get(text);
  if (type === undefined) {
    try {
      type = z.fromJSONSchema(schema as never);
    } catch (error) {
      type = errorText(error);
    }
    if (made.size >= MOST_CACHED) made.clear();
    made.set(text, type);
  }
  return type;
}
