import { describe, expect, test, vi } from 'vitest';
import { createHashedEmbedder, type Embedder } from '../../ports/index/index.ts';
import { functionAgent } from '../../ports/agent/index.ts';
import { createAgentBook } from '../agents.ts';
import { realClock } from '../clock.ts';
import { createBm25 } from './bm25.ts';
import { createNearIndex, SLICE_ENTRIES } from './near.ts';
import { createNearOffers } from './offers.ts';

const SAID: Record<string, string> = {
  flights: 'Search flights between two airports and book seats',
  hotels: 'Find hotels in a city and book rooms',
  weather: 'Weather forecast for a place and a day',
  invoices: 'Read an invoice and find its total, tax and due date',
  lawyer: 'Review contracts for risky clauses on liability',
};
const entries = Object.entries(SAID).map(([key, text]) => ({ key, text }));

test.for([
  ['I need a seat on an airplane: flights to Rome', 'flights'],
  ['what will the weather be on Sunday', 'weather'],
  ['check the liability clause of this contract', 'lawyer'],
  ['how much tax is on the invoice', 'invoices'],
])('%s: %s', ([text, key]) => {
  const index = createNearIndex({ embedder: createHashedEmbedder() });
  void index.put(entries);
  const [first] = index.nearest(text!, 3) as { agent: string; near: number }[];
  expect(first?.agent).toBe(key);
  expect(first?.near).toBeGreaterThan(0);
  expect(first?.near).toBeLessThanOrEqual(1.001);
});

test('a rare word counts more than a common one; what is removed counts no more', () => {
  const bm25 = createBm25();
  for (let i = 0; i < 20; i++) bm25.put(`k${i}`, `report number ${i}`);
  bm25.put('z', 'zebra number one');
  expect(bm25.query('zebra report').scores(['z', 'k1', 'none'])).toEqual([
    expect.toSatisfy((score: number) => score > 2),
    expect.toSatisfy((score: number) => score > 0 && score < 1),
    0,
  ]);
  bm25.remove('z');
  expect(bm25.query('zebra').scores(['z'])).toEqual([0]);
});

test('an embedder that answers later: what was changed meanwhile counts as it is now', async () => {
  const slow: Embedder = {
    ...createHashedEmbedder(),
    async embed(texts) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return createHashedEmbedder().embed(texts);
    },
  };
  const index = createNearIndex({ embedder: slow });
  const first = index.put([{ key: 'a', text: 'weather' }]);
  const second = index.put([{ key: 'a', text: 'flights' }]);
  await Promise.all([first, second]);
  expect((await index.nearest('flights', 1))[0]!.near).toBeGreaterThan(0.9);
});

test('an API that answers in good time: the first that is looked for is found among all; one that hangs is not waited for', async () => {
  const pending = new Set<() => void>();
  let hangs = false;
  const api: Embedder = {
    ...createHashedEmbedder(),
    async embed(texts) {
      if (hangs && texts.length > 1) await new Promise<void>((resolve) => pending.add(resolve));
      else await new Promise((resolve) => setTimeout(resolve, texts.length > 1 ? 20 : 1));
      return createHashedEmbedder().embed(texts);
    },
  };
  const crowd = Array.from({ length: 90 }, (_, i) => ({ key: `a${i}`, text: `number ${i} of no use` }));
  crowd[80] = { key: 'baker', text: 'bakes bread' };
  const index = createNearIndex({ embedder: api });
  index.putFirst(crowd, crowd.length);
  expect(await index.nearest('who bakes bread', 3)).toMatchObject([{ agent: 'baker' }, {}, {}]);
  hangs = true;
  let waited = 0;
  const after = (ms: number, call: () => void) => {
    waited = ms;
    return realClock.after(1, call);
  };
  const stuck = createNearIndex({ embedder: api, clock: { ...realClock, after } });
  stuck.putFirst(crowd, crowd.length);
  expect(await stuck.nearest('who bakes bread', 3)).toEqual([]);
  expect(waited).toBeGreaterThan(0);
  for (const go of pending) go();
});

test('agents that come, change and go are found as they are', async () => {
  const agents = createAgentBook();
  const near = createNearOffers({ agents, embedder: createHashedEmbedder() });
  const make = (name: string, description: string) =>
    functionAgent(name, { skills: { work: { description, run: () => 1 } } });
  for (const { key, text } of entries) agents.add(make(key, text));
  expect((await near.nearest('work', 'contract clauses', 1))[0]!.agent).toBe('lawyer');
  agents.remove('lawyer');
  expect((await near.nearest('work', 'contract clauses', 5)).map((one) => one.agent)).not.toContain('lawyer');
  agents.add(make('notary', 'contract clauses and deeds'));
  expect((await near.nearest('work', 'contract clauses', 1))[0]!.agent).toBe('notary');
});

describe('many at once', () => {
  /** Every text takes a millisecond; how long the thread was held is what lies between two `soon`. */
  function slowly() {
    let nowMs = 0;
    const held: number[] = [];
    const hashed = createHashedEmbedder();
    const embedder: Embedder = {
      ...hashed,
      embed(texts) {
        nowMs += texts.length;
        return hashed.embed(texts);
      },
    };
    const clock = {
      monotonicMs: () => nowMs,
      soon(call: () => void) {
        held.push(nowMs);
        setImmediate(call);
      },
      after: realClock.after,
    };
    return { embedder, clock, held };
  }
  const many = (n: number) =>
    Array.from({ length: n }, (_, i) => ({ key: `a${i}`, text: `does thing number ${i} of sort ${i % 97}` }));

  test('10,000 are indexed in slices; meanwhile those are found that are in it', async () => {
    const { embedder, clock, held } = slowly();
    const index = createNearIndex({ embedder, clock });
    const built = index.put(many(10_000));
    expect(index.size).toBeGreaterThan(0);
    expect(index.size + index.waiting).toBe(10_000);
    expect(index.nearest('thing number 3', 1)).toMatchObject([{ agent: 'a3' }]);
    await built;
    expect(index).toMatchObject({ size: 10_000, waiting: 0 });
    for (let i = 1; i < held.length; i++) expect(held[i]! - held[i - 1]!).toBeLessThanOrEqual(12);
    expect(index.nearest('thing number 9876', 1)).toMatchObject([{ agent: 'a9876' }]);
  });

  test('a slice ends after so many, also where the clock stands still', async () => {
    const index = createNearIndex({
      embedder: createHashedEmbedder(),
      clock: { ...slowly().clock, monotonicMs: () => 0 },
    });
    const built = index.put(many(1_000));
    expect(index.size).toBeLessThanOrEqual(SLICE_ENTRIES);
    await built;
    expect(index.size).toBe(1_000);
  });

  test('what changes or goes while others wait is as it is last', async () => {
    const { embedder, clock } = slowly();
    const index = createNearIndex({ embedder, clock });
    const built = index.put(many(1_500));
    index.remove('a1400');
    index.remove('a0');
    const again = index.put([
      { key: 'a1', text: 'zebra' },
      { key: 'a1300', text: 'quagga' },
    ]);
    await Promise.all([built, again]);
    expect(index.size).toBe(1_498);
    expect(index.nearest('zebra', 1)).toMatchObject([{ agent: 'a1' }]);
    expect(index.nearest('quagga', 1)).toMatchObject([{ agent: 'a1300' }]);
  });

  test('the many there are at first are drawn as their turn comes; who changed or went by then is not drawn', async () => {
    const { embedder, clock } = slowly();
    const index = createNearIndex({ embedder, clock });
    let drawn = 0;
    function* first() {
      for (const one of many(1_000)) {
        drawn++;
        yield one;
      }
    }
    index.putFirst(first(), 1_000);
    expect(drawn).toBeLessThanOrEqual(2 * SLICE_ENTRIES);
    expect(index.size + index.waiting).toBe(1_000);
    index.remove('a900');
    await index.put([
      { key: 'a901', text: 'zebra' },
      { key: 'new', text: 'quagga' },
    ]);
    expect(index).toMatchObject({ size: 1_000, waiting: 0 });
    expect(index.nearest('zebra', 1)).toMatchObject([{ agent: 'a901' }]);
    expect(index.nearest('quagga', 1)).toMatchObject([{ agent: 'new' }]);
    expect(index.nearest('thing number 900', 20)).not.toContainEqual(expect.objectContaining({ agent: 'a900' }));
  });

  test('an embedder that fails for a while: those that wait are tried again, none is lost', async () => {
    let nowMs = 0;
    let down = true;
    let asked = 0;
    const embedder: Embedder = {
      ...createHashedEmbedder(),
      async embed(texts) {
        asked++;
        if (down && texts.length > 1) throw new Error('down');
        return createHashedEmbedder().embed(texts);
      },
    };
    const onTrouble = vi.fn();
    const index = createNearIndex({ embedder, clock: { ...realClock, monotonicMs: () => nowMs }, onTrouble });
    await expect(index.put(many(40))).rejects.toThrow('down');
    expect(onTrouble).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: 'down' }));
    expect(index).toMatchObject({ size: 0, waiting: 40 });
    asked = 0;
    expect(await index.nearest('thing', 5)).toEqual([]);
    expect(asked).toBe(1);
    down = false;
    nowMs = 10_000;
    await index.nearest('thing', 5);
    await vi.waitFor(() => expect(index).toMatchObject({ size: 40, waiting: 0 }));
  });
});

test('an embedder that hangs is waited for once; after that it is asked beside the work, ever more seldom', async () => {
  let nowMs = 0;
  let asked = 0;
  let hangs = true;
  const fails: (() => void)[] = [];
  const embedder: Embedder = {
    ...createHashedEmbedder(),
    embed(texts) {
      asked++;
      if (!hangs) return Promise.resolve(createHashedEmbedder().embed(texts) as Float32Array[]);
      return new Promise((_, reject) => fails.push(() => reject(new Error('no answer'))));
    },
  };
  const give = async () => {
    for (const fail of fails.splice(0)) fail();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const index = createNearIndex({ embedder, clock: { ...realClock, monotonicMs: () => nowMs } });
  await Promise.all([expect(index.nearest('thing', 5)).rejects.toThrow('no answer'), give()]);
  // Nobody waits: these are rejected while nothing answers.
  const looks = async (ms: number) => {
    nowMs = ms;
    const before = asked;
    for (let i = 0; i < 3; i++) await expect(index.nearest('thing', 5)).rejects.toThrow('no answer');
    return asked - before;
  };
  expect(await looks(1_000)).toBe(0);
  expect(await looks(6_000)).toBe(1);
  await give();
  // Twice as long.
  expect(await looks(12_000)).toBe(0);
  hangs = false;
  nowMs = 17_000;
  await expect(index.nearest('thing', 5)).rejects.toThrow('no answer');
  await vi.waitFor(async () => expect(await index.nearest('thing', 5)).toEqual([]));
});

test('words that no text has any more leave no trace', () => {
  const [bm25, fresh] = [createBm25(), createBm25()];
  for (let i = 0; i < 50; i++) bm25.put('k', `only${i} word${i} again again`);
  bm25.put('other', 'again only49');
  fresh.put('k', 'only49 word49 again again');
  fresh.put('other', 'again only49');
  for (const query of ['only49', 'again word49', 'only3'])
    expect(bm25.query(query).scores(['k', 'other'])).toEqual(fresh.query(query).scores(['k', 'other']));
});
