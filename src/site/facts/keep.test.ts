import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSeededChance, Fault } from '../../base/index.ts';
import { encodeRecord, type Turn } from '../../model/index.ts';
import { openStore, type Store } from '../../ports/store/index.ts';
import { verifyStream } from '../audit/index.ts';
import { realClock } from '../clock.ts';
import { createFacts, keepFacts } from './index.ts';
import { FACTS_PREFIX } from './keep.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'skein-facts-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function member(store: Store, worker: string) {
  const membership = await store.join(worker);
  const facts = createFacts();
  const keeping = keepFacts({
    facts,
    store,
    membership,
    clock: realClock,
    chance: createSeededChance(worker),
    onTrouble: (_run, fault) => {
      throw fault ?? new Fault('internal', 'trouble');
    },
  });
  await keeping.start();
  return { membership, facts, keeping };
}

function answer(facts: ReturnType<typeof createFacts>, times: number): void {
  for (let i = 0; i < times; i++) facts.observe({ agent: 'a', skill: 's', atMs: i, end: 'answered', latencyMs: 10 });
}

describe.each(['memory', 'sqlite'])('facts kept in a store (%s)', (kind) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(kind === 'memory' ? 'memory:' : join(folder, 'skein.db'));
  });
  afterEach(() => store.close());

  const streams = async () => (await store.list({ prefix: FACTS_PREFIX, limit: 10 })).map((s) => s.stream);

  test('nothing is written before something is observed', async () => {
    const one = await member(store, 'one');
    await one.keeping.flush();
    expect(await streams()).toEqual([]);
    await one.keeping.stop();
  });

  test('several workers add up, each in a stream of its own', async () => {
    const [one, two] = [await member(store, 'one'), await member(store, 'two')];
    answer(one.facts, 3);
    answer(two.facts, 4);
    await one.keeping.flush();
    await two.keeping.flush();
    await one.keeping.flush();
    expect(one.facts.of('a', 's')!.tries).toBe(7);
    expect(two.facts.of('a', 's')!.tries).toBe(7);
    expect((await streams()).toSorted()).toEqual([`${FACTS_PREFIX}0`, `${FACTS_PREFIX}1`]);
    for (const stream of await streams()) expect(await verifyStream(store, stream)).toEqual([]);
    await one.keeping.stop();
    await two.keeping.stop();
  });

  test('who starts takes over what one that is gone had seen, and the stream with it', async () => {
    const one = await member(store, 'one');
    answer(one.facts, 3);
    await one.keeping.stop();
    await one.membership.leave();
    const two = await member(store, 'two');
    expect(two.facts.of('a', 's')!.tries).toBe(3);
    answer(two.facts, 1);
    await two.keeping.flush();
    expect(two.facts.of('a', 's')!.tries).toBe(4);
    expect(await streams()).toEqual([`${FACTS_PREFIX}0`]);
    await two.keeping.stop();
  });

  test('one that was taken for dead counts nothing twice, and begins a stream of its own', async () => {
    const one = await member(store, 'one');
    answer(one.facts, 3);
    await one.keeping.flush();
    // As a worker would that holds it for dead.
    const thief = await store.join('thief');
    const info = (await store.info(`${FACTS_PREFIX}0`))!;
    const turn: Turn = { at: 1, in: 'claim', events: [{ type: 'run.claimed', worker: 'thief', epoch: 1 }] };
    const record = encodeRecord([turn], info.head, info.epoch, info.hash, createSeededChance(2));
    await thief.commit([{ stream: info.stream, epoch: info.epoch, expectedHead: info.head, record }], true);
    answer(one.facts, 1);
    await one.keeping.flush();
    expect(one.facts.of('a', 's')!.tries).toBe(3);
    answer(one.facts, 2);
    await one.keeping.flush();
    expect(one.facts.of('a', 's')!.tries).toBe(5);
    expect(await streams()).toHaveLength(2);
    await one.keeping.stop();
  });
});
