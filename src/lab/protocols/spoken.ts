/** What an answer holds beside what is compared: how sure its agent says it is, and the text that it is. */
import { canonicalJson, type Json } from '../../base/index.ts';
import { createCamps, type Panel, readScore, type Reply } from '../../flow/index.ts';

/** The member of an answer that says how sure its agent is: 0 to 1. */
const CONFIDENCE = 'confidence';

export function confidenceOf(output: Json | undefined): number | undefined {
  return isObject(output) && CONFIDENCE in output ? readScore(output, CONFIDENCE) : undefined;
}

export function textOf(output: Json | undefined): string {
  const bare = withoutConfidence(output);
  if (typeof bare === 'string') return bare;
  if (isObject(bare) && typeof bare['answer'] === 'string') return bare['answer'];
  return canonicalJson(bare) ?? '';
}

/** Two that say the same and are not equally sure of it still say the same. */
export function placed(replies: readonly Reply[], { equal }: Panel): Reply[] {
  if (equal.by === 'named' || !replies.some((r) => confidenceOf(r.output) !== undefined)) return [...replies];
  const camps = createCamps(equal);
  return replies.map((reply) => {
    if (reply.lost !== undefined || reply.camp === undefined) return reply;
    const bare = withoutConfidence(reply.output);
    const plain = equal.by !== 'json' && equal.by !== 'exact' && isObject(bare) && 'answer' in bare;
    return { ...reply, camp: camps.place(plain ? bare['answer'] : bare) };
  });
}

/** What each agent holds now: its last answer that counts, or its last failure where none does. */
export function standing(replies: readonly Reply[]): Reply[] {
  const held = new Map<string, Reply>();
  for (const reply of replies) {
    if (!counts(reply) && held.has(reply.agent)) continue;
    held.set(reply.agent, reply);
  }
  return [...held.values()];
}

export function counts({ lost, camp }: Reply): boolean {
  return lost === undefined && camp !== undefined;
}

/** Camps in the order of asking, each with the answers that hold it. */
export function campsOf(replies: readonly Reply[]): Map<number, Reply[]> {
  const camps = new Map<number, Reply[]>();
  for (const reply of replies) if (counts(reply)) camps.set(reply.camp!, [...(camps.get(reply.camp!) ?? []), reply]);
  return camps;
}

function withoutConfidence(output: Json | undefined): Json | undefined {
  if (!isObject(output) || !(CONFIDENCE in output)) return output;
  const { [CONFIDENCE]: _, ...rest } = output;
  return rest;
}

function isObject(value: Json | undefined): value is { [member: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
