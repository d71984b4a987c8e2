/**
 * The index port: who is near a text. An embedder makes vectors of texts; a vector index finds the nearest of many.
 *
 * V1  Vectors of one embedder have one length, and are of length 1 (or 0, where a text says nothing).
 * V2  A key is in an index once; adding it again replaces it; removing what is not there is no error.
 * V3  Found keys are in order, the nearest first, none twice, none that was removed.
 */

export interface Embedder {
  /** Vectors of different names do not compare. */
  readonly name: string;
  readonly dims: number;
  embed(texts: readonly string[], options?: { signal?: AbortSignal }): Float32Array[] | Promise<Float32Array[]>;
}

export interface Hit {
  key: string;
  /** Cosine: 1 = the same direction. */
  score: number;
}

export interface VectorIndex {
  readonly dims: number;
  readonly size: number;
  add(key: string, vector: Float32Array): void;
  remove(key: string): void;
  has(key: string): boolean;
  search(vector: Float32Array, limit: number): Hit[];
  /** How near one of them is, whether a search finds it or not. */
  score(key: string, vector: Float32Array): number | undefined;
}
