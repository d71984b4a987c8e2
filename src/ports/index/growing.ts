/** An index that is exact while it is small and approximate when it has grown, where the package for that is there. */
import { createExactIndex } from './exact.ts';
import type { VectorIndex } from './port.ts';
import { createUsearchIndex, hasUsearch } from './usearch.ts';

export interface GrowingIndexOptions {
  dims: number;
  /** Beyond so many it is approximate: here an exact look takes about half a millisecond. */
  exactUpTo?: number;
}

const EXACT_UP_TO = 1_000;

export function createGrowingIndex({ dims, exactUpTo = EXACT_UP_TO }: GrowingIndexOptions): VectorIndex {
  const kept = new Map<string, Float32Array>();
  let index = createExactIndex(dims);
  let mayGrow = true;

  return {
    dims,
    get size() {
      return index.size;
    },
    add(key, vector) {
      index.add(key, vector);
      if (!mayGrow) return;
      kept.set(key, vector);
      if (index.size <= exactUpTo) return;
      mayGrow = false;
      // Without the package it stays exact, and slower.
      if (hasUsearch()) {
        index = createUsearchIndex({ dims });
        for (const [one, its] of kept) index.add(one, its);
      }
      kept.clear();
    },
    remove(key) {
      index.remove(key);
      kept.delete(key);
    },
    has: (key) => index.has(key),
    search: (vector, limit) => index.search(vector, limit),
  };
}
