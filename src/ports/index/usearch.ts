/**
 * An approximate index for many vectors: HNSW, from the optional package `usearch` (N-API, prebuilt). Its vectors are
 * rough: 8 bits a number, three times as fast to walk as 16-bit floats. What it finds, and some more, is weighed again with
 * the vectors as they were given.
 *
 * X1  Removing leaves the key's node in the graph, marked; when half of them are such, a new one is filled, a few
 *     at every change, and takes its place when all are in it: no change takes long.
 * X2  How widely is looked is how many are asked for, and grows with the logarithm of how many there are: measured with
 *     the offline embedder, .97 of the ten nearest are found among 10,000 and .96 among 100,000. Who is unlike all others
 *     is found the least: who searches by words, too, looks for the rare ones there (`score`).
 */
import { createRequire } from 'node:module';
import { missingPackage } from '../../base/index.ts';
import { checkDims } from './check.ts';
import type { Hit, VectorIndex } from './port.ts';

export interface UsearchIndexOptions {
  dims: number;
  /** Neighbours of a node: more find better and take more memory. */
  connectivity?: number;
  /** How widely is looked when adding. */
  expandAdd?: number;
  /** X2. Found at least, whatever is asked for, for each tenfold of what there is beyond 32. */
  widthPerDecade?: number;
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
const WIDTH_PER_DECADE = 16;
/** X2. */
const WIDE_FROM = Math.log10(32);
/** Found beside those asked for, and weighed again with them: what is rough may have put one just behind. */
const SPARE = 6;
const LEAST_BEFORE_ANEW = 1_000;
/** X1. More than come with a change, so that it ends. */
const MOVED_AT_ONCE = 4;
/** Where the low half of 64 bits is in memory. */
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;

/** Its ESM entry asks for itself without end on Node 26; the CommonJS one does not. */
function load(): UsearchModule {
  try {
    return createRequire(import.meta.url)('usearch') as UsearchModule;
  } catch (cause) {
    return missingPackage('the approximate index', 'usearch')(cause);
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

interface Entry {
  id: number;
  key: string;
  vector: Float32Array;
  /** The newest graph it is in. */
  graph: Graph;
}
type Graph = InstanceType<UsearchModule['Index']>;

export function createUsearchIndex(options: UsearchIndexOptions): VectorIndex {
  const { dims, widthPerDecade = WIDTH_PER_DECADE } = options;
  const { Index } = load();
  const entries = new Map<string, Entry>();
  /** By id. */
  const byId: (Entry | undefined)[] = [];
  const room = new Uint16Array(dims);
  let graph = make();
  let gone = 0;
  /** X1. The one that is being filled; ids are the same in it. */
  let next: { graph: Graph; left: Iterator<Entry>; gone: number } | undefined;

  function make(): Graph {
    return new Index({
      dimensions: dims,
      metric: 'ip',
      quantization: 'i8',
      connectivity: options.connectivity ?? CONNECTIVITY,
      expansion_add: options.expandAdd ?? EXPAND_ADD,
      expansion_search: 1,
      multi: false,
    });
  }

  function put(key: string, vector: Float32Array): void {
    const entry: Entry = { id: byId.length, key, vector, graph };
    // At the end of them: a graph that is being filled comes by.
    entries.set(key, entry);
    byId.push(entry);
    graph.add(BigInt(entry.id), vector, 1);
  }

  function drop(key: string): void {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    byId[entry.id] = undefined;
    graph.remove(BigInt(entry.id));
    gone++;
    if (next === undefined || entry.graph !== next.graph) return;
    next.graph.remove(BigInt(entry.id));
    next.gone++;
  }

  /** X1. */
  function anew(): void {
    if (next === undefined) {
      if (gone < LEAST_BEFORE_ANEW || gone < entries.size) return;
      next = { graph: make(), left: entries.values(), gone: 0 };
    }
    for (let i = 0; i < MOVED_AT_ONCE; i++) {
      const one = next.left.next();
      if (one.done === true) {
        ({ graph, gone } = next);
        next = undefined;
        return;
      }
      const entry = one.value;
      next.graph.add(BigInt(entry.id), entry.vector, 1);
      entry.graph = next.graph;
    }
  }

  return {
    dims,
    get size() {
      return entries.size;
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
    has: (key) => entries.has(key),
    search(vector, limit) {
      checkDims(dims, vector);
      if (entries.size === 0) return [];
      const width = Math.round(widthPerDecade * (Math.log10(entries.size) - WIDE_FROM));
      const { keys } = graph.search(vector, Math.min(Math.max(limit + SPARE, width), entries.size), 1);
      // The low halves: there are never 2^32 ids, and BigInts are slow.
      const ids = new Uint32Array(keys.buffer, keys.byteOffset, keys.length * 2);
      const places = placesOf(vector, room);
      const hits: Hit[] = [];
      for (let i = LOW; i < ids.length; i += 2) {
        const entry = byId[ids[i]!];
        if (entry !== undefined) hits.push({ key: entry.key, score: dot(entry.vector, vector, places) });
      }
      return hits.sort((a, b) => b.score - a.score).slice(0, limit);
    },
    score(key, vector) {
      checkDims(dims, vector);
      const entry = entries.get(key);
      return entry === undefined ? undefined : dot(entry.vector, vector, placesOf(vector, room));
    },
  };
}

/** Where a vector is not 0: of a short text it mostly is, and what is 0 there need not be read in the others. */
function placesOf(vector: Float32Array, into: Uint16Array): Uint16Array {
  let n = 0;
  for (let i = 0; i < vector.length; i++) if (vector[i] !== 0) into[n++] = i;
  return into.subarray(0, n);
}

/** Two sums at a time: one alone waits for itself. */
function dot(a: Float32Array, b: Float32Array, places: Uint16Array): number {
  let [s, t] = [0, 0];
  let i = 0;
  for (; i + 1 < places.length; i += 2) {
    const [first, second] = [places[i]!, places[i + 1]!];
    s += a[first]! * b[first]!;
    t += a[second]! * b[second]!;
  }
  if (i < places.length) s += a[places[i]!]! * b[places[i]!]!;
  return s + t;
}
