/** S8: the order of all records. */
import assert from 'node:assert/strict';
import type { LogPage, Store } from '../port.ts';
import { type ContractRow, journal, NOW, soon, won } from './kit.ts';

type Logged = LogPage['records'][number];

/** What is there from a place on, page by page. */
async function readAll(store: Store, from = 0, limit = 3): Promise<{ all: Logged[]; next: number }> {
  const all: Logged[] = [];
  for (let next = from; ;) {
    const page = await store.log({ from: next, limit });
    assert.ok(page.records.length <= limit);
    all.push(...page.records);
    assert.ok(page.next >= next, 'a page does not lead back');
    if (page.records.length < limit) return { all, next: page.next };
    next = page.next;
  }
}

const namesOf = (all: readonly Logged[]): string[] => all.map(({ stream, record }) => `${stream}/${record.seq}`);
const rises = (all: readonly Logged[]): boolean => all.every(({ place }, i) => i === 0 || place > all[i - 1]!.place);

export const logRows: ContractRow[] = [
  {
    name: 'S8 log gives the records of all streams in one order, in pages, from any place',
    async run(lab) {
      const store = await lab.open();
      assert.deepEqual((await store.log({ from: 0, limit: 5 })).records, []);
      const member = await store.join('w1');
      const [a, b] = [journal('a'), journal('b')];
      await won(member, a.create({ count: 2 }), b.create());
      await won(member, a.next(), a.next({ count: 3 }));
      await won(member, b.next());
      const wanted = ['a/0', 'b/0', 'a/2', 'a/3', 'b/1'];
      const reached = await soon(async () => (await readAll(store)).all.length === wanted.length);
      assert.ok(reached, 'what was committed is told soon');
      const { all, next } = await readAll(store);
      assert.deepEqual(namesOf(all), wanted);
      assert.ok(rises(all));
      for (const { stream, record } of all)
        assert.deepEqual([record], await store.read(stream, { from: record.seq, limit: 1 }));
      for (const [i, { place }] of all.entries()) {
        assert.deepEqual(namesOf((await readAll(store, place, 1)).all), wanted.slice(i), 'from a record on');
        assert.deepEqual(namesOf((await readAll(store, place + 1)).all), wanted.slice(i + 1), 'behind a record');
      }
      const end = await store.log({ from: Infinity, limit: 5 });
      assert.deepEqual([end.records, end.next], [[], next]);
      assert.equal((await store.log({ from: 0, limit: 1 })).order, end.order);
      await won(member, a.next());
      assert.ok(await soon(async () => (await readAll(store, next)).all.length === 1));
      assert.deepEqual(namesOf((await readAll(store, next)).all), ['a/6']);
    },
  },
  {
    name: 'S8 a reader that goes on from `next` misses nothing of writers that commit beside one another',
    needs: ['again'],
    async run(lab) {
      const stores = [await lab.open(), await lab.again!(), await lab.again!()];
      const reader = await lab.again!();
      let writing = stores.length;
      const write = async (store: Store, w: number): Promise<string[]> => {
        const member = await store.join(`w${w}`);
        const runs = Array.from({ length: 4 }, (_, i) => journal(`run-${w}-${i}`));
        await won(member, ...runs.map((run) => run.create()));
        for (let i = 0; i < 40; i++) {
          const group = runs.filter((_, r) => (i + r) % 3 !== 0).map((run) => run.next({ count: 1 + (i % 2) }));
          assert.ok((await member.commit(group, i % 8 === 0)).every(({ ok }) => ok));
        }
        writing--;
        return namesOf(
          (await Promise.all(runs.map(({ stream }) => store.read(stream)))).flatMap((records, r) =>
            records.map((record) => ({ place: 0, stream: runs[r]!.stream, record })),
          ),
        );
      };
      const read = async (): Promise<Logged[]> => {
        const seen: Logged[] = [];
        for (let next = 0; ;) {
          const isLast = writing === 0;
          const page = await reader.log({ from: next, limit: 7 });
          seen.push(...page.records);
          next = page.next;
          if (!isLast || page.records.length > 0) continue;
          if (!(await soon(async () => (await reader.log({ from: next, limit: 1 })).records.length > 0, 200)))
            return seen;
        }
      };
      const [seen, ...written] = await Promise.all([read(), ...stores.map(write)]);
      assert.ok(rises(seen));
      assert.deepEqual(namesOf(seen).sort(), written.flat().sort());
      const heads = new Map<string, number>();
      for (const { stream, record } of seen) {
        assert.equal(record.seq, heads.get(stream) ?? 0, `${stream} stands in its own order`);
        heads.set(stream, record.seq + record.count);
      }
    },
  },
  {
    name: 'S8 places are not given out again when the newest records are compacted away',
    async run(lab) {
      const store = await lab.open();
      const member = await store.join('w1');
      const [a, b] = [journal('a'), journal('b')];
      await won(member, b.create(), a.create(), a.next());
      assert.ok(await soon(async () => (await readAll(store)).all.length === 3));
      const { next } = await readAll(store);
      await store.compact('a', { seq: a.head, hash: a.hash, text: '{}' });
      assert.deepEqual(namesOf((await readAll(store)).all), ['b/0']);
      await won(member, b.next());
      assert.ok(
        await soon(async () => (await readAll(store, next)).all.length === 1),
        'a reader that saw all sees this',
      );
      assert.deepEqual(namesOf((await readAll(store)).all), ['b/0', 'b/1']);
    },
  },
  {
    name: 'S8 a restored store has another order',
    needs: ['backup'],
    async run(lab) {
      const store = await lab.open();
      const member = await store.join('w1');
      const run = journal('a');
      await won(member, run.create(), run.next());
      const copy = await lab.restore!(store);
      const { order } = await store.log({ from: Infinity, limit: 1 });
      await copy.markRestored(NOW);
      assert.notEqual((await copy.log({ from: Infinity, limit: 1 })).order, order);
      const other = await copy.join('w2');
      const { all, next } = await readAll(copy);
      assert.deepEqual(namesOf(all), ['a/0', 'a/1']);
      await won(other, journal('b').create());
      assert.ok(await soon(async () => (await readAll(copy, next)).all.length === 1));
    },
  },
];
