/**
 * Patterns in a server's schemas are a stranger's: one of ten characters can hold the thread for ever, whatever engine
 * matches it. So none is matched here. What it asks for is told in words, to whoever reads the schema.
 */
type Schema = Record<string, unknown>;

/** Members that hold schemas under names of the server's choosing. */
const NAMED = new Set(['properties', '$defs', 'definitions', 'dependentSchemas']);
/** Members that hold values, whatever they look like. */
const VALUES = new Set(['enum', 'const', 'default', 'examples']);
/** No shape that somebody wrote is deeper. */
const MOST_DEEP = 64;

/** The same object where it has none. */
export function withoutPatterns<T>(schema: T): T {
  return without(schema, 0) as T;
}

function without(schema: unknown, depth: number): unknown {
  if (Array.isArray(schema))
    return same(
      schema,
      (schema as unknown[]).map((one) => without(one, depth + 1)),
    );
  if (typeof schema !== 'object' || schema === null) return schema;
  if (depth > MOST_DEEP) return {};
  const { pattern, patternProperties, ...rest } = schema as Schema;
  const kept: Schema = {};
  for (const [name, value] of Object.entries(rest)) kept[name] = VALUES.has(name) ? value : within(name, value, depth);
  if (patternProperties !== undefined) {
    // Members that only a pattern allows would be refused without it.
    delete kept['additionalProperties'];
    delete kept['unevaluatedProperties'];
  }
  if (pattern === undefined) return patternProperties === undefined ? same(schema as Schema, kept) : kept;
  const words = typeof kept['description'] === 'string' ? `${kept['description']} ` : '';
  return { ...kept, description: `${words}(of the pattern ${JSON.stringify(pattern)})` };
}

function within(name: string, value: unknown, depth: number): unknown {
  if (!NAMED.has(name) || typeof value !== 'object' || value === null) return without(value, depth + 1);
  const given = value as Schema;
  return same(given, Object.fromEntries(Object.entries(given).map(([key, one]) => [key, without(one, depth + 1)])));
}

/** What has not changed stays the same object: validators are kept by it. */
function same<T extends object>(before: T, after: T): T {
  return Object.entries(after).every(([key, value]) => (before as Schema)[key] === value) ? before : after;
}
