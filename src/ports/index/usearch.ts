/**
 * An approximate index for many vectors: HNSW, from the optional package `usearch` (N-API, prebuilt). Vectors are
 * kept as 16-bit floats in it; what it finds is weighed again with the vectors as they were given.
 *
 * X1  Removing leaves the key's node in the graph, marked; when half of them are such, it is built anew.
 */
import { createRequire } from 'node:module';
import { Fault } from '../../base/index.ts';
import { checkDims } from './check.ts';
import type { Hit, VectorIndex } from './port.ts';

export interface UsearchIndexOptions {
  dims: number;
  /** Neighbours of a node: more find better and take more memory. */
  connectivity?: number;
  /** How widely is looked when adding, and when searching. */
  expandAdd?: number;
  expandSearch?: number;
  /** Found first, of which the best are given: a multiple of what is asked for. */
  oversample?: number;
}

interface UsearchModule {
  Index: new (config: object) => {
    add(key: bigint | BigUint64Array, vector: Float32Array, threads?: number): void;
    remove(key: bigint): unknown;
    search(vector: Float32Array, limit: number, threads?: number): { keys: BigUint64Array; distances: Float32Array };
    size(): number;
  };
}

const CONNECTIVITY = 24;
const EXPAND_ADD = 128;
const EXPAND_SEARCH = 64;
const OVERSAMPLE = 1;
const LEAST_BEFORE_ANEW = 1_000;

/** Its ESM entry asks for itself without end on Node 26; the CommonJS one does not. */
function load(): UsearchModule {
  try {
    return createRequire(import.meta.url)('usearch') as UsearchModule;
  } catch (cause) {
    throw new Fault('agent.none', 'the approximate index needs the package `usearch`: npm install usearch', { cause });
  }
}

export function hasUsearch(): boolean {
  try {
    load();
    return true;
  } catch {
    return false;
  }
}

export function createUsearchIndex(options: UsearchIndexOptions): VectorIndex {
  const { dims, oversample = OVERSAMPLE } = options;
  const { Index } = load();
  const vectors = new Map<string, { id: bigint; vector: Float32Array }>();
  const keys = new Map<bigint, string>();
  let made = make();
  let next = 0n;
  let gone = 0;

  function make(): InstanceType<UsearchModule['Index']> {
    return new Index({
      dimensions: dims,
      metric: 'ip',
      quantization: 'f16',
      connectivity: options.connectivity ?? CONNECTIVITY,
      expansion_add: options.expandAdd ?? EXPAND_ADD,
      expansion_search: options.expandSearch ?? EXPAND_SEARCH,
      multi: false,
    });
  }

  function put(key: string, vector: Float32Array): void {
    const id = next++;
    vectors.set(key, { id, vector });
    keys.set(id, key);
    made.add(id, vector, 1);
  }

  function drop(key: string): void {
    const there = vectors.get(key);
    if (there === undefined) return;
    vectors.delete(key);
    keys.delete(there.id);
    made.remove(there.id);
    gone++;
  }

  /** X1. */
  function anew(): void {
    if (gone < LEAST_BEFORE_ANEW || gone < vectors.size) return;
    const all = [...vectors];
    made = make();
    keys.clear();
    gone = 0;
    for (const [key, { vector }] of all) put(key, vector);
  }

  return {
    dims,
    get size() {
      return vectors.size;
    },
    add(key, vector) {
      checkDims(dims, vector);
      drop(key);
      put(key, vector);
      anew();
    },
    remove(key) {
      drop(key);
      anew();
    },
    has: (key) => vectors.has(key),
    search(vector, limit) {
      checkDims(dims, vector);
      if (vectors.size === 0) return [];
      const found = made.search(vector, Math.min(limit * oversample, vectors.size), 1);
      const hits: Hit[] = [];
      for (const id of found.keys) {
        const key = keys.get(id);
        if (key === undefined) continue;
        hits.push({ key, score: dot(vectors.get(key)!.vector, vector) });
      }
      return hits.toSorted((a, b) => b.score - a.score).slice(0, limit);
    },
  };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
