/** Reading what judges say. What is not one of these words is no judgement. */
import type { Json } from '../../base/index.ts';

const FIRST = new Set(['a', '1', 'first', 'left']);
const SECOND = new Set(['b', '2', 'second', 'right']);
const TIE = new Set(['tie', '0', 'equal', 'both', 'neither']);

/** Which of the two answers shown is better. */
export function readWinner(output: Json | undefined): 'first' | 'second' | 'tie' | undefined {
  const word = wordOf(output, 'winner');
  if (word === undefined) return undefined;
  return FIRST.has(word) ? 'first' : SECOND.has(word) ? 'second' : TIE.has(word) ? 'tie' : undefined;
}

/** Whether an answer is good enough to be compared. */
export function readGrade(output: Json | undefined): boolean | undefined {
  const word = wordOf(output, 'good');
  if (word === undefined) return undefined;
  if (['true', 'good', 'yes', '1'].includes(word)) return true;
  return ['false', 'bad', 'no', '0'].includes(word) ? false : undefined;
}

/** A number between 0 and 1, as a score or a confidence. */
export function readScore(output: Json | undefined, member = 'score'): number | undefined {
  const word = wordOf(output, member);
  const score = word === undefined || word === '' ? NaN : Number(word);
  return Number.isFinite(score) && score >= 0 && score <= 1 ? score : undefined;
}

function wordOf(output: Json | undefined, member: string): string | undefined {
  const said = typeof output === 'object' && output !== null && !Array.isArray(output) ? output[member] : output;
  return typeof said === 'string' || typeof said === 'number' || typeof said === 'boolean'
    ? String(said).trim().toLowerCase()
    : undefined;
}
