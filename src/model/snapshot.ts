/** A run's state as text and back. Maps and sets are tagged; everything else in a state is JSON. */
import { ERASED, isErased } from './erased.ts';
import type { RunState } from './state.ts';

const TAGS: ReadonlySet<string> = new Set(['$map', '$set', '$own', '$erased']);

export function stateToText(state: RunState): string {
  return JSON.stringify(state, (_key, value: unknown) => {
    if (value instanceof Map) return { $map: [...value] };
    if (value instanceof Set) return { $set: [...value] };
    if (isErased(value)) return { $erased: true };
    // A user's object that looks like a tag is wrapped, so that it comes back as itself.
    if (isTagLike(value)) return { $own: Object.entries(value) };
    return value;
  });
}

export function textToState(text: string): RunState {
  return JSON.parse(text, (_key, value: unknown) => {
    if (!isTagLike(value)) return value;
    if ('$map' in value) return new Map(value.$map as [unknown, unknown][]);
    if ('$erased' in value) return ERASED;
    if ('$set' in value) return new Set(value.$set as unknown[]);
    return Object.fromEntries(value.$own as [string, unknown][]);
  }) as RunState;
}

function isTagLike(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(value);
  return keys.length === 1 && TAGS.has(keys[0]!);
}
