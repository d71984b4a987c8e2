/** Which members a shape knows at a place: what a wrong one may have been meant to be. */
import { z } from 'zod';

export function membersAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let there: readonly z.ZodType[] = [schema];
  for (const part of path) there = there.flatMap(inside).flatMap((one) => at(one, part));
  return [
    ...new Set(there.flatMap(inside).flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : []))),
  ];
}

/** What stands behind `optional`, a default, or several ways to write it. */
function inside(schema: z.ZodType): z.ZodType[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  )
    return inside(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodLazy) return inside(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodUnion) return (schema.options as z.ZodType[]).flatMap(inside);
  return [schema];
}

function at(schema: z.ZodType, part: PropertyKey): z.ZodType[] {
  if (schema instanceof z.ZodObject) {
    const member = (schema.shape as Record<PropertyKey, z.ZodType>)[part];
    return member === undefined ? [] : [member];
  }
  if (schema instanceof z.ZodArray) return [schema.element as z.ZodType];
  if (schema instanceof z.ZodRecord) return [schema.valueType as z.ZodType];
  return [];
}
