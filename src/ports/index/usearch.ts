/**
 * An approximate index for many vectors: HNSW, from the optional package `usearch` (N-API, prebuilt). Its vectors are
 * rough: 8 bits a number, three times as fast to walk as 16-bit floats. What it finds, and some more, is weighed again with
 * finer ones (rows.ts).
 *
 * X1  Removing leaves the key's node in the graph, marked; when half of them are such, a new one is filled, a few
 *     at every change, and takes its place when all are in it: no change takes long.
 * X2  How widely is looked is how many are asked for, and grows with how many there are: who adds quickly (`expandAdd`)
 *     looks wider, and is faster at both. Measured with the offline embedder: docs/routing.md. Who is unlike all others is
 *     found the least: who searches by words, too, looks for the rare ones there (`score`).
 */
import { createRequire } from 'node:module';
import { greatestFirst, missingPackage } from '../../base/index.ts';
import { checkDims } from './check.ts';
import type { Hit, VectorIndex } from './port.ts';
import { createRows } from './rows.ts';

export interface UsearchIndexOptions {
  dims: number;
  /** Neighbours of a node: more find better and take more memory. */
  connectivity?: number;
  /** How widely is looked when adding. */
  expandAdd?: number;
  /** X2. Found at least, whatever is asked for, among ten thousand. */
  width?: number;
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
const EXPAND_ADD = 64;
const WIDTH = 44;
/** X2. Among ten times as many, about twice as wide. */
const WIDENS = 0.28;
const OF = 10_000;
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
  row: number;
  /** The newest graph it is in. */
  graph: Graph;
}
type Graph = InstanceType<UsearchModule['Index']>;

export function createUsearchIndex(options: UsearchIndexOptions): VectorIndex {
  const { dims, width: least = WIDTH } = options;
  const { Index } = load();
  const entries = new Map<string, Entry>();
  /** By id. */
  const byId: (Entry | undefined)[] = [];
  const rows = createRows(dims);
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
    const entry: Entry = { id: byId.length, key, row: rows.put(vector), graph };
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
    rows.free(entry.row);
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
      next.graph.add(BigInt(entry.id), rows.read(entry.row), 1);
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
      const width = Math.round(least * (entries.size / OF) ** WIDENS);
      const { keys } = graph.search(vector, Math.min(Math.max(limit + SPARE, width), entries.size), 1);
      // The low halves: there are never 2^32 ids, and BigInts are slow.
      const ids = new Uint32Array(keys.buffer, keys.byteOffset, keys.length * 2);
      const like = rows.like(vector);
      const hits: Hit[] = [];
      for (let i = LOW; i < ids.length; i += 2) {
        const entry = byId[ids[i]!];
        if (entry !== undefined) hits.push({ key: entry.key, score: like(entry.row) });
      }
      return greatestFirst(hits, (hit) => hit.score).slice(0, limit);
    },
    score(key, vector) {
      checkDims(dims, vector);
      const entry = entries.get(key);
      return entry === undefined ? undefined : rows.like(vector)(entry.row);
    },
  };
}
