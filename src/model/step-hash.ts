/** A step's input hash: input, output schema, effect class, and whom it asks. Another hash is another step. */
import { canonicalJson, hashText } from '../base/index.ts';
import type { EffectClass } from './words.ts';

const NOTHING = hashText('[null,null,null]').slice(0, 22);

/** 132 bits of SHA-256: compared with one other hash of the same step, never searched for. `what`: a skill or workflow. */
export function stepHash(input: unknown, outputSchema?: string, effect?: EffectClass, what?: string): string {
  if (input === undefined && outputSchema === undefined && effect === undefined && what === undefined) return NOTHING;
  const schema = outputSchema === undefined ? 'null' : JSON.stringify(outputSchema);
  const rest = what === undefined ? '' : `,${JSON.stringify(what)}`;
  const text = `[${canonicalJson(input)},${schema},${effect === undefined ? 'null' : `"${effect}"`}${rest}]`;
  return hashText(text).slice(0, 22);
}
