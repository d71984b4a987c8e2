/** A schema as JSON Schema, whether it is one already or a zod schema. */
import { z } from 'zod';
import type { Json } from '../base/index.ts';
import type { Schema } from './skill.ts';

export type { Schema } from './skill.ts';

/** `io`: of what goes in, or of what the schema makes of it. */
export function schemaJson(schema: Json | Schema, io: 'input' | 'output' = 'output'): Json {
  return schema instanceof z.ZodType ? (z.toJSONSchema(schema, { unrepresentable: 'any', io }) as Json) : schema;
}
