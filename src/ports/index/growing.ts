/**
 * An index that is exact while it is small and approximate when it has grown, where the package for that is there.
 *
 * G1  It grows a few vectors at every change, and is exact until all are in the other one: no change takes long.
 */
import { createExactIndex } from './exact.ts';
import type { VectorIndex } from './port.ts';
import { createUsearchIndex, hasUsearch } from './usearch.ts';

export interface GrowingIndexOptions {
  dims: number;
  /** Beyond so many it is approximate: here an exact look takes about half a millisecond. */
  exactUpTo?: number;
}

const EXACT_UP_TO = 1_000;
/** G1. Moved with every change: more than come, so that it ends. */
const MOVED_AT_ONCE = 4;

export function createGrowingIndex({ dims, exactUpTo = EXACT_UP_TO }: GrowingIndexOptions): VectorIndex {
  const kept = new Map<string, Float32Array>();
  let index = createExactIndex(dims);
  /** Being filled. */
  let next: VectorIndex | undefined;
  const moving = kept.entries();
  let mayGrow = true;

  /** G1. */
  function grow(): void {
    if (next === undefined && kept.size <= exactUpTo) return;
    // Without the package it stays exact, and slower.
    if (next === undefined && !hasUsearch()) return settle(index);
    next ??= createUsearchIndex({ dims });
    for (let i = 0; i < MOVED_AT_ONCE; i++) {
      const one = moving.next();
      if (one.done === true) return settle(next);
      next.add(...one.value);
    }
  }

  function settle(on: VectorIndex): void {
    index = on;
    next = undefined;
    mayGrow = false;
    kept.clear();
  }

  return {
    dims,
    get size() {
      return index.size;
    },
    add(key, vector) {
      index.add(key, vector);
      if (!mayGrow) return;
      // To the end of what is moved: it may have been moved as it was before.
      kept.delete(key);
      kept.set(key, vector);
      grow();
    },
    remove(key) {
      index.remove(key);
      next?.remove(key);
      kept.delete(key);
      if (mayGrow) grow();
    },
    has: (key) => index.has(key),
    search: (vector, limit) => index.search(vector, limit),
    score: (key, vector) => index.score(key, vector),
  };
}
