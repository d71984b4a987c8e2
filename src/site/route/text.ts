/** The words of a task: its goal and what its input holds. */
import type { Json } from '../../base/index.ts';

/** Who is near, and what is believed, are told by how a long input begins. */
const MOST = 4_000;

export function textOf(goal: string | undefined, input: Json | undefined): string {
  const parts: string[] = goal === undefined ? [] : [goal];
  let length = 0;
  each(input, (word, isSaid) => {
    if (!isSaid) return true;
    parts.push(word.length > MOST ? word.slice(0, MOST) : word);
    return (length += word.length) < MOST;
  });
  return parts.join(' ');
}

/** All of it, with numbers and yes or no: a person's rule is not to be got round by what stands late, or is no word. */
export function wholeTextOf(goal: string | undefined, input: Json | undefined): string {
  const parts: string[] = goal === undefined ? [] : [goal];
  each(input, (word) => parts.push(word) > 0);
  return parts.join(' ');
}

/** Names and values, in their order, until one is the last: false. What is no text has words, too, but nobody said them. */
function each(value: Json | undefined, visit: (word: string, isSaid: boolean) => boolean): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === 'string') return visit(value, true);
  if (typeof value !== 'object') return visit(String(value), false);
  if (Array.isArray(value)) return value.every((one) => each(one, visit));
  // Not all members in one list: only the first of many may be looked at.
  for (const name in value) if (!visit(name, true) || !each(value[name], visit)) return false;
  return true;
}
