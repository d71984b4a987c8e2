/** The words of a task: its goal and what its input holds. */
import type { Json } from '../../base/index.ts';

/** A long input is judged by how it begins. */
const MOST = 4_000;

export function textOf(goal: string | undefined, input: Json | undefined): string {
  const parts: string[] = goal === undefined ? [] : [goal];
  let length = 0;
  const walk = (value: Json | undefined): void => {
    if (length >= MOST || value === undefined || value === null) return;
    if (typeof value === 'string') {
      parts.push(value.length > MOST ? value.slice(0, MOST) : value);
      length += value.length;
    } else if (Array.isArray(value)) {
      for (const one of value) walk(one);
    } else if (typeof value === 'object') {
      for (const [key, one] of Object.entries(value)) {
        parts.push(key);
        length += key.length;
        walk(one);
      }
    }
  };
  walk(input);
  return parts.join(' ');
}
