/** A step's input hash: input, output schema, effect class, and whom it asks. Another hash is another step. */
import { canonicalJson, hashText, type Json } from '../base/index.ts';
import type { EffectClass } from './words.ts';

const NOTHING = hashText('[null,null,null]');

/** Of a JSON Schema, as it enters a step's hash. */
export function schemaFingerprint(schema: Json | undefined): string | undefined {
  return schema === undefined ? undefined : hashText(canonicalJson(schema)).slice(0, 12);
}

/** `what`: the skill or workflow. */
export function stepHash(input: unknown, outputSchema?: string, effect?: EffectClass, what?: string): string {
  if (input === undefined && outputSchema === undefined && effect === undefined && what === undefined) return NOTHING;
  const schema = outputSchema === undefined ? 'null' : JSON.stringify(outputSchema);
  const rest = what === undefined ? '' : `,${JSON.stringify(what)}`;
  return hashText(`[${canonicalJson(input)},${schema},${effect === undefined ? 'null' : `"${effect}"`}${rest}]`);
}
