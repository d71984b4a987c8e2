/**
 * Near: whose words are near a text, among many. Vectors find a few dozen quickly (by meaning, as far as the embedder
 * knows meanings), and those are weighed again with BM25 (by words, rare ones counting more). Who is like no other is what
 * a graph of neighbours finds the least, so those with a rare word of the text are weighed, too.
 *
 * M1  What is indexed follows the agents: added, changed and removed one by one, never built anew as a whole.
 * M2  Many are indexed in slices that give the thread back. Meanwhile those are found that are in it already, and
 *     `waiting` says how many are not. Nobody who waits is lost: what could not be embedded is tried again. Of the many
 *     there are at first not even a list is made at once: they are drawn as their turn comes.
 * M3  Who is asked through an API waits for it anyway: where those that are not in yet are one portion, they are waited for,
 *     too, but not for long. Or the first choice of a process that has just begun would be among any of them.
 * M4  Nobody waits for an embedder that has failed: until it answers again it is asked beside the work, ever more seldom, and
 *     who looks for somebody is told at once that nobody is near.
 */
import { type Clock, type Fault, greatestFirst, toFault } from '../../base/index.ts';
import { createGrowingIndex, type Embedder, type VectorIndex } from '../../ports/index/index.ts';
import { realClock } from '../clock.ts';
import { createBm25, type Bm25 } from './bm25.ts';

export interface Scored {
  agent: string;
  /** 0 to 1. */
  near: number;
}

export interface Entry {
  key: string;
  /** A function is asked when its turn comes: of many, making all texts at once takes long, too. */
  text: string | (() => string);
}

export interface NearIndex {
  readonly size: number;
  /** Put, and not to be found as they are now yet. */
  readonly waiting: number;
  /** A few are there at once; the promise, where there is one, is that of all that wait. */
  put(entries: readonly Entry[]): void | Promise<void>;
  /** M2. The same for the many there are at first, at most once; who is put or removed since is not drawn any more. */
  putFirst(entries: Iterable<Entry>, count: number): void;
  remove(key: string): void;
  nearest(text: string, limit: number): Scored[] | Promise<Scored[]>;
}

export interface NearOptions {
  embedder: Embedder;
  index?: VectorIndex;
  clock?: Pick<Clock, 'soon' | 'monotonicMs' | 'after'>;
  /** An embedder that fails: said once, until it has answered again. */
  onTrouble?: (fault: Fault) => void;
}

/** So many more than asked for are found by vector, to be weighed by words. */
const WIDER = 1.5;
/** Of those with a rare word so many are weighed: a long text may have many. */
const MOST_RARE = 16;
/** What the words weigh beside the vector. */
const WORDS_WEIGHT = 0.5;
/** Embedded together: of an embedder that answers at once so few that a slice can end; an API takes portions. */
const PORTION = 8;
const PORTION_LATER = 512;
/** M2. A slice ends after so long, and after so many, whatever the clock says. */
const SLICE_MS = 4;
export const SLICE_ENTRIES = 64;
/** M3. */
const FIRST_MS = 2_000;
/** An embedder that failed is let be for so long; M4: each time twice as long, up to a bound. */
const AGAIN_MS = 5_000;
const MAX_AGAIN_MS = 300_000;

export function createNearIndex(options: NearOptions): NearIndex {
  const { embedder, clock = realClock, index = createGrowingIndex({ dims: embedder.dims }) } = options;
  const words: Bm25 = createBm25();
  const texts = new Map<string, string>();
  const waiting = new Map<string, Entry['text']>();
  /** One walk, that goes on where it was: walking anew each time would pass by all that are done. */
  let walk = waiting.entries();
  /** M2. Those of the first that were not drawn yet, and whom to pass by. */
  let first: { from: Iterator<Entry>; left: number } | undefined;
  const passed = new Set<string>();
  let building: Promise<void> | undefined;
  let againAtMs = 0;
  let portion = PORTION;
  let isFailing = false;
  /** M4. It failed one who looked for somebody. */
  let down: { fault: Fault; againMs: number; atMs: number; isTried: boolean } | undefined;

  function waits(): boolean {
    return waiting.size > 0 || first !== undefined;
  }

  function draw(): void {
    for (let drawn = 0; first !== undefined && drawn < SLICE_ENTRIES; drawn++) {
      const next = first.from.next();
      if (next.done === true) {
        first = undefined;
        passed.clear();
        return;
      }
      first.left--;
      const { key, text } = next.value;
      if (!passed.has(key)) waiting.set(key, text);
    }
  }

  function take(most: number): { key: string; said: Entry['text']; text: string }[] {
    const some: { key: string; said: Entry['text']; text: string }[] = [];
    for (let looked = 0; looked < SLICE_ENTRIES || portion > PORTION; looked++) {
      if (some.length === most) break;
      const next = walk.next();
      if (next.done === true) {
        walk = waiting.entries();
        break;
      }
      const [key, said] = next.value;
      const text = typeof said === 'string' ? said : said();
      if (texts.get(key) === text) waiting.delete(key);
      else some.push({ key, said, text });
    }
    return some;
  }

  function add(some: ReturnType<typeof take>, vectors: readonly Float32Array[]): void {
    some.forEach(({ key, said, text }, i) => {
      // Changed or removed while it was being embedded.
      if (waiting.get(key) !== said) return;
      index.add(key, vectors[i]!);
      words.put(key, text);
      texts.set(key, text);
      waiting.delete(key);
    });
  }

  function slice(): void | Promise<void> {
    const until = clock.monotonicMs() + SLICE_MS;
    // As many as a slice takes, or an API takes together.
    while (first !== undefined && waiting.size < portion) draw();
    for (let done = 0; done < SLICE_ENTRIES && waiting.size > 0; done += PORTION) {
      const some = take(portion);
      if (some.length === 0) return;
      const vectors = embedder.embed(some.map((one) => one.text));
      if (!Array.isArray(vectors)) {
        portion = PORTION_LATER;
        return addInSlices(some, vectors);
      }
      add(some, vectors);
      if (clock.monotonicMs() >= until) return;
    }
  }

  async function addInSlices(some: ReturnType<typeof take>, coming: Promise<Float32Array[]>): Promise<void> {
    const vectors = await coming;
    for (let i = 0; i < some.length; i += PORTION) {
      if (i > 0) await rest();
      add(some.slice(i, i + PORTION), vectors.slice(i, i + PORTION));
    }
  }

  function rest(): Promise<void> {
    return new Promise((resolve) => clock.soon(resolve));
  }

  function fails(thrown: unknown): Fault {
    const fault = toFault(thrown, 'agent.failed');
    if (!isFailing) options.onTrouble?.(fault);
    isFailing = true;
    return fault;
  }

  function isDown(thrown: unknown): void {
    const fault = fails(thrown);
    // Of several that were out at once the first counts.
    if (down !== undefined && clock.monotonicMs() < down.atMs) return;
    const againMs = down === undefined ? AGAIN_MS : Math.min(2 * down.againMs, MAX_AGAIN_MS);
    down = { fault, againMs, atMs: clock.monotonicMs() + againMs, isTried: false };
  }

  function answers(): void {
    isFailing = false;
    down = undefined;
  }

  /** M4. */
  function tryAgain(text: string): void {
    if (down === undefined || down.isTried || clock.monotonicMs() < down.atMs) return;
    down.isTried = true;
    void Promise.resolve(embedder.embed([text])).then(answers, isDown);
  }

  /** M2. Begins where nothing is under way; gives the promise of the end, where it is not there at once. */
  function build(): void | Promise<void> {
    if (building !== undefined || !waits()) return building;
    const begun = slice();
    if (begun === undefined && !waits()) return undefined;
    const made = buildRest(begun);
    building = made;
    const over = (): void => void (building = undefined);
    made.then(over, (thrown: unknown) => {
      over();
      fails(thrown);
      againAtMs = clock.monotonicMs() + AGAIN_MS;
    });
    return made;
  }

  async function buildRest(begun: void | Promise<void>): Promise<void> {
    await begun;
    while (waits()) {
      await rest();
      await slice();
    }
  }

  /** M3. */
  async function theFew(): Promise<void> {
    const under = building;
    if (under === undefined || waiting.size + (first?.left ?? 0) > PORTION_LATER) return;
    await new Promise<void>((resolve) => {
      const stop = clock.after(FIRST_MS, resolve);
      const over = (): void => {
        stop();
        resolve();
      };
      under.then(over, over);
    });
  }

  function weigh(text: string, vector: Float32Array, limit: number): Scored[] {
    const hits = index.search(vector, Math.ceil(limit * WIDER));
    const query = words.query(text);
    const rare = query.withRare();
    if (rare.length > 0) {
      const found = new Set(hits.map((hit) => hit.key));
      for (const key of rare.slice(0, MOST_RARE)) {
        const score = found.has(key) ? undefined : index.score(key, vector);
        if (score !== undefined) hits.push({ key, score });
      }
    }
    const scores = query.scores(hits.map((hit) => hit.key));
    const most = Math.max(1e-9, ...scores);
    const all = hits.map(({ key, score }, i) => ({
      agent: key,
      near: (Math.max(0, score) + WORDS_WEIGHT * (scores[i]! / most)) / (1 + WORDS_WEIGHT),
    }));
    return greatestFirst(all, (one) => one.near).slice(0, limit);
  }

  return {
    get size() {
      return index.size;
    },
    get waiting() {
      return waiting.size + (first?.left ?? 0);
    },
    put(entries) {
      for (const { key, text } of entries) {
        // To the end of the walk: what is being embedded now is of before.
        waiting.delete(key);
        waiting.set(key, text);
        if (first !== undefined) passed.add(key);
      }
      return build();
    },
    putFirst(entries, count) {
      first = { from: entries[Symbol.iterator](), left: count };
      void build()?.catch(() => {});
    },
    remove(key) {
      if (first !== undefined) passed.add(key);
      waiting.delete(key);
      texts.delete(key);
      index.remove(key);
      words.remove(key);
    },
    nearest(text, limit) {
      if (down !== undefined) {
        tryAgain(text);
        return Promise.reject(down.fault);
      }
      if (waits() && building === undefined && clock.monotonicMs() >= againAtMs) void build()?.catch(() => {});
      const vectors = embedder.embed([text]);
      if (Array.isArray(vectors)) return weigh(text, vectors[0]!, limit);
      return vectors.then(
        async ([vector]) => {
          answers();
          await theFew();
          return weigh(text, vector!, limit);
        },
        (thrown: unknown) => {
          isDown(thrown);
          throw thrown;
        },
      );
    },
  };
}
