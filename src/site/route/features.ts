/**
 * Features of a task for the beliefs about agents: a constant, the sorts of task it is (named, so that what several
 * workers learned can be told apart and added up), and a coarse print of its words.
 */
import { type Features, wordsOf } from '../../flow/index.ts';

/** Sorts with a place of their own; later ones share places. */
const NAMED = 15;
const PRINT = 8;
export const DIMS = 1 + NAMED + PRINT;
/** Words of a print: the beginning of a text tells its sort. */
const PRINT_WORDS = 64;
const PRINT_WEIGHT = 0.5;

export interface Sorts {
  /** In the order of their places. */
  readonly names: readonly string[];
  placeOf(name: string): number;
}

export function createSorts(first: readonly string[] = []): Sorts {
  const names: string[] = [];
  const places = new Map<string, number>();
  const sorts: Sorts = {
    names,
    placeOf(name) {
      const place = places.get(name);
      if (place !== undefined) return place;
      if (names.length >= NAMED) return 1 + (fold(name) % NAMED);
      names.push(name);
      places.set(name, names.length);
      return names.length;
    },
  };
  for (const name of first) sorts.placeOf(name);
  return sorts;
}

export function featuresOf(sorts: Sorts, names: readonly string[], text: string): Features {
  const values = new Float64Array(DIMS);
  values[0] = 1;
  // Several sorts share one task's weight: none counts for more because there are many.
  const weight = 1 / Math.sqrt(Math.max(1, names.length));
  for (const name of names) values[sorts.placeOf(name)]! += weight;
  print(values, text);
  const at: number[] = [];
  const value: number[] = [];
  for (let i = 0; i < DIMS; i++) {
    if (values[i] === 0) continue;
    at.push(i);
    value.push(values[i]!);
  }
  return { at, value };
}

function print(into: Float64Array, text: string): void {
  const start = 1 + NAMED;
  let norm = 0;
  for (const word of wordsOf(text.slice(0, PRINT_WORDS * 8)).slice(0, PRINT_WORDS)) {
    if (word.length < 3) continue;
    const h = fold(word);
    into[start + (h % PRINT)]! += (h >>> 16) & 1 ? 1 : -1;
  }
  for (let i = start; i < DIMS; i++) norm += into[i]! ** 2;
  if (norm === 0) return;
  const by = PRINT_WEIGHT / Math.sqrt(norm);
  for (let i = start; i < DIMS; i++) into[i]! *= by;
}

/** FNV-1a, 32 bits: places, not secrets. */
function fold(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return (h ^ (h >>> 15)) >>> 0;
}
