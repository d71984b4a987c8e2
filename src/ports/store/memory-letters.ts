/** Waiting letters of one owner, in order of due time and then of arrival. */
import type { Letter } from './port.ts';

export interface Waiting extends Letter {
  stream: string;
  /** Order of arrival at the store. */
  order: number;
}

export interface LetterQueue {
  add(letter: Waiting): void;
  remove(letter: Waiting): void;
  first(): Waiting | undefined;
  /** Those due at `nowMs`, oldest first. */
  due(nowMs: number): Iterable<Waiting>;
}

export function createLetterQueue(): LetterQueue {
  const sorted: Waiting[] = [];

  /** Index of the first letter that is not before this one. */
  function place(letter: Waiting): number {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(sorted[middle]!, letter)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    add(letter) {
      const last = sorted.at(-1);
      if (last === undefined || isBefore(last, letter)) sorted.push(letter);
      else sorted.splice(place(letter), 0, letter);
    },
    remove(letter) {
      const at = place(letter);
      if (sorted[at] === letter) sorted.splice(at, 1);
    },
    first: () => sorted[0],
    *due(nowMs) {
      for (const letter of sorted) {
        if (letter.dueMs > nowMs) return;
        yield letter;
      }
    },
  };
}

function isBefore(a: Waiting, b: Waiting): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
