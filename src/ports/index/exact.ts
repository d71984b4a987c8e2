/** An index that looks at every vector: exact, and fast while they are few. */
import type { Hit, VectorIndex } from './port.ts';
import { checkDims } from './check.ts';

const FIRST_ROOM = 64;

export function createExactIndex(dims: number): VectorIndex {
  let rows = new Float32Array(FIRST_ROOM * dims);
  const keys: string[] = [];
  const places = new Map<string, number>();

  function put(row: number, vector: Float32Array): void {
    if ((row + 1) * dims > rows.length) {
      const more = new Float32Array(rows.length * 2);
      more.set(rows);
      rows = more;
    }
    rows.set(vector, row * dims);
  }

  function scoreOf(row: number, vector: Float32Array): number {
    let score = 0;
    const start = row * dims;
    for (let i = 0; i < dims; i++) score += rows[start + i]! * vector[i]!;
    return score;
  }

  return {
    dims,
    get size() {
      return keys.length;
    },
    add(key, vector) {
      checkDims(dims, vector);
      const there = places.get(key);
      if (there !== undefined) return put(there, vector);
      put(keys.length, vector);
      places.set(key, keys.length);
      keys.push(key);
    },
    remove(key) {
      const row = places.get(key);
      if (row === undefined) return;
      places.delete(key);
      // The last one takes its place.
      const last = keys.pop()!;
      if (last === key) return;
      rows.copyWithin(row * dims, keys.length * dims, (keys.length + 1) * dims);
      keys[row] = last;
      places.set(last, row);
    },
    has: (key) => places.has(key),
    search(vector, limit) {
      checkDims(dims, vector);
      const best: Hit[] = [];
      const few = Math.min(limit, keys.length);
      if (few === 0) return best;
      let least = -Infinity;
      for (let row = 0; row < keys.length; row++) {
        const score = scoreOf(row, vector);
        if (best.length === few && score <= least) continue;
        insert(best, { key: keys[row]!, score }, few);
        if (best.length === few) least = best.at(-1)!.score;
      }
      return best;
    },
    score(key, vector) {
      checkDims(dims, vector);
      const row = places.get(key);
      return row === undefined ? undefined : scoreOf(row, vector);
    },
  };
}

function insert(best: Hit[], hit: Hit, most: number): void {
  let i = best.length;
  while (i > 0 && best[i - 1]!.score < hit.score) i--;
  best.splice(i, 0, hit);
  if (best.length > most) best.pop();
}
