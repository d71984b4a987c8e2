/** What every embedder and every index keeps. */
import assert from 'node:assert/strict';
import { createSeededChance } from '../../base/index.ts';
import type { Embedder, VectorIndex } from './port.ts';

export interface EmbedderRow {
  name: string;
  run(embedder: Embedder): Promise<void>;
}

export interface IndexRow {
  name: string;
  /** dims: what the row's vectors have. */
  run(open: (dims: number) => VectorIndex): void;
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, one, i) => sum + one * b[i]!, 0);
}

export const embedderContract: EmbedderRow[] = [
  {
    name: 'one vector a text, of the length it says, of length 1',
    async run(embedder) {
      const vectors = await embedder.embed(['translate a text', 'book a flight', 'translate a text']);
      assert.equal(vectors.length, 3);
      for (const vector of vectors) {
        assert.equal(vector.length, embedder.dims);
        assert.ok(Math.abs(dot(vector, vector) - 1) < 1e-3);
      }
      assert.deepEqual(vectors[0], vectors[2]);
    },
  },
  {
    name: 'no texts, no vectors; an empty text has one too',
    async run(embedder) {
      assert.deepEqual(await embedder.embed([]), []);
      const [empty] = await embedder.embed(['']);
      assert.equal(empty!.length, embedder.dims);
      for (const one of empty!) assert.ok(Number.isFinite(one));
    },
  },
  {
    name: 'a text is nearer to what says nearly the same than to what says something else',
    async run(embedder) {
      const texts = ['search for cheap flights to Rome', 'find a cheap flight to Rome', 'prove the theorem'];
      const [asked, like, unlike] = await embedder.embed(texts);
      assert.ok(dot(asked!, like!) > dot(asked!, unlike!));
    },
  },
  {
    name: 'any text will do: long, in other scripts, with signs',
    async run(embedder) {
      const texts = ['x '.repeat(50_000), '翻译这段文字', '🙂 \u0000 \ud800', 'Übersetzung für Ärzte'];
      for (const vector of await embedder.embed(texts)) assert.equal(vector.length, embedder.dims);
    },
  },
];

function vectors(n: number, dims: number, seed: string): Float32Array[] {
  const chance = createSeededChance(seed);
  return Array.from({ length: n }, () => {
    const vector = Float32Array.from({ length: dims }, () => chance.next() - 0.5);
    const by = 1 / Math.sqrt(dot(vector, vector));
    return vector.map((one) => one * by);
  });
}

export const indexContract: IndexRow[] = [
  {
    name: 'an empty index finds nothing',
    run(open) {
      assert.deepEqual(open(8).search(new Float32Array(8), 5), []);
    },
  },
  {
    name: 'what was added is found by its own vector, first, with a score of about 1',
    run(open) {
      const index = open(32);
      const all = vectors(200, 32, 'a');
      all.forEach((vector, i) => index.add(`k${i}`, vector));
      assert.equal(index.size, 200);
      for (let i = 0; i < 200; i += 20) {
        const [first] = index.search(all[i]!, 3);
        assert.equal(first!.key, `k${i}`);
        assert.ok(Math.abs(first!.score - 1) < 0.01);
      }
    },
  },
  {
    name: 'at most as many as asked for, the nearest first, none twice',
    run(open) {
      const index = open(16);
      vectors(50, 16, 'b').forEach((vector, i) => index.add(`k${i}`, vector));
      const hits = index.search(vectors(1, 16, 'q')[0]!, 10);
      assert.equal(hits.length, 10);
      assert.equal(new Set(hits.map((hit) => hit.key)).size, 10);
      for (let i = 1; i < hits.length; i++) assert.ok(hits[i - 1]!.score >= hits[i]!.score);
      assert.equal(index.search(vectors(1, 16, 'q')[0]!, 500).length, 50);
    },
  },
  {
    name: 'a key added again is replaced; removed, it is found no more; removing twice is no error',
    run(open) {
      const index = open(16);
      const [one, two, three] = vectors(3, 16, 'c');
      index.add('x', one!);
      index.add('y', two!);
      index.add('x', three!);
      assert.equal(index.size, 2);
      assert.equal(index.search(three!, 1)[0]!.key, 'x');
      index.remove('x');
      index.remove('x');
      assert.equal(index.has('x'), false);
      assert.deepEqual(
        index.search(three!, 5).map((hit) => hit.key),
        ['y'],
      );
    },
  },
  {
    name: 'after many additions, changes and removals it finds what is there, and nothing else',
    run(open) {
      const index = open(24);
      const chance = createSeededChance('churn');
      const there = new Map<string, Float32Array>();
      const pool = vectors(400, 24, 'd');
      for (let i = 0; i < 3_000; i++) {
        const key = `k${chance.int(300)}`;
        if (chance.yes(0.4)) {
          index.remove(key);
          there.delete(key);
        } else {
          const vector = chance.pick(pool);
          index.add(key, vector);
          there.set(key, vector);
        }
      }
      assert.equal(index.size, there.size);
      let right = 0;
      for (const vector of there.values()) {
        const [first] = index.search(vector, 1);
        assert.ok(there.has(first!.key));
        if (first!.score > 0.99) right++;
      }
      assert.ok(right / there.size > 0.97, `${right} of ${there.size}`);
    },
  },
  {
    name: 'of the ten nearest of 2,000, at least nine in ten are found',
    run(open) {
      const index = open(32);
      const all = vectors(2_000, 32, 'e');
      all.forEach((vector, i) => index.add(`k${i}`, vector));
      let found = 0;
      for (const query of vectors(20, 32, 'f')) {
        const exact = all.map((vector, i) => ({ key: `k${i}`, score: dot(vector, query) }));
        exact.sort((a, b) => b.score - a.score);
        const hits = new Set(index.search(query, 10).map((hit) => hit.key));
        found += exact.slice(0, 10).filter((one) => hits.has(one.key)).length;
      }
      assert.ok(found >= 180, `${found} of 200`);
    },
  },
  {
    name: 'how near one is can be asked, as long as it is there',
    run(open) {
      const index = open(16);
      const [one, two] = vectors(2, 16, 'g');
      index.add('x', one!);
      index.add('x', two!);
      assert.ok(Math.abs(index.score('x', two!)! - 1) < 1e-3);
      assert.ok(Math.abs(index.score('x', one!)! - dot(one!, two!)) < 1e-3);
      index.remove('x');
      assert.equal(index.score('x', two!), undefined);
    },
  },
  {
    name: 'a vector of another length is refused in words',
    run(open) {
      assert.throws(() => open(8).score('x', new Float32Array(9)), /9 dimensions/);
      assert.throws(() => open(8).add('x', new Float32Array(9)), /9 dimensions/);
    },
  },
];
