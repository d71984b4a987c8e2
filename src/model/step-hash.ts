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
  return known(`[${canonicalJson(input)},${schema},${effect === undefined ? 'null' : `"${effect}"`}${rest}]`);
}

/** Steps of small inputs come in thousands of one kind: a look-up costs a fifth of a hash. */
const hashes = new Map<string, string>();
const MAX_HASHES = 10_000;
const SHORT = 64;

function known(text: string): string {
  if (text.length > SHORT) return hashText(text);
  let hash = hashes.get(text);
  if (hash === undefined) {
    hash = hashText(text);
    if (hashes.size >= MAX_HASHES) hashes.clear();
    hashes.set(text, hash);
  }
  return hash;
}
