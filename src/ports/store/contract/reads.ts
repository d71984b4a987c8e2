/** Reading: from the middle, in pages, snapshots, listings, workers. */
import assert from 'node:assert/strict';
import { begun, type ContractRow, journal, NOW, won } from './kit.ts';

export const readRows: ContractRow[] = [
  {
    name: 'read gives records in order, from the record that holds the event, at most `limit`',
    async run(lab) {
      const store = await lab.open();
      const member = await store.join('w1');
      const run = journal('run-1');
      const records = [run.create({ count: 3 }), run.next(), run.next({ count: 4 }), run.next({ count: 2 })].map(
        (append) => append,
      );
      await won(member, ...records);
      const seqs = async (options?: { from?: number; limit?: number }) =>
        (await store.read('run-1', options)).map((r) => r.seq);
      assert.deepEqual(
        await store.read('run-1'),
        records.map((a) => a.record),
      );
      for (const [from, wanted] of [
        [0, [0, 3, 4, 8]],
        [2, [0, 3, 4, 8]],
        [3, [3, 4, 8]],
        [4, [4, 8]],
        [7, [4, 8]],
        [9, [8]],
        [10, []],
        [99, []],
      ] as const) {
        assert.deepEqual(await seqs({ from }), wanted, `from ${from}`);
      }
      assert.deepEqual(await seqs({ limit: 2 }), [0, 3]);
      assert.deepEqual(await seqs({ from: 5, limit: 1 }), [4]);
      assert.deepEqual(await seqs({ limit: 0 }), []);
    },
  },
  {
    name: 'read finds any place of a long stream among others',
    async run(lab) {
      const store = await lab.open();
      const member = await store.join('w1');
      const runs = Array.from({ length: 5 }, (_, i) => journal(`run-${i}`));
      await won(member, ...runs.map((run) => run.create()));
      for (let i = 0; i < 40; i++) {
        const group = [];
        for (let k = 0; k < 10; k++) group.push(...runs.map((run, r) => run.next({ count: 1 + ((i + k + r) % 3) })));
        await won(member, ...group);
      }
      for (const run of runs) {
        const whole = await store.read(run.stream);
        assert.equal(whole.length, 401);
        assert.equal(whole.at(-1)!.hash, run.hash);
        assert.ok(whole.every((r, i) => i === 0 || r.seq === whole[i - 1]!.seq + whole[i - 1]!.count));
        for (const from of [0, 1, 63, 64, 65, 300, run.head - 2, run.head - 1]) {
          const page = await store.read(run.stream, { from, limit: 7 });
          const first = whole.findIndex((r) => r.seq + r.count > from);
          assert.deepEqual(page, whole.slice(first, first + 7), `${run.stream} from ${from}`);
        }
      }
    },
  },
  {
    name: 'snapshot is the last one that an append brought',
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      assert.equal(await store.snapshot('run-1'), null);
      assert.equal(await store.snapshot('nowhere'), null);
      await won(member, run.next({ snapshot: { seq: 2, state: '{"a":1}' } }));
      await won(member, run.next());
      assert.deepEqual(await store.snapshot('run-1'), { seq: 2, state: '{"a":1}' });
      await won(member, run.bare({ snapshot: { seq: 3, state: '{"a":2}' } }));
      assert.deepEqual(await store.snapshot('run-1'), { seq: 3, state: '{"a":2}' });
    },
  },
  {
    name: 'list is newest first, in pages, by status and prefix',
    async run(lab) {
      const store = await lab.open();
      const member = await store.join('w1');
      const made = [
        ['a_1', 10],
        ['a%2', 30],
        ['b-1', 20],
        ['a_3', 30],
        ['B-2', 5],
      ] as const;
      const runs = made.map(([id, createdMs]) => [journal(id), createdMs] as const);
      await won(member, ...runs.map(([run, createdMs]) => run.create({ new: { createdMs, meta: `"${run.stream}"` } })));
      await won(member, runs[2]![0].next({ status: 'ended' }));
      const ids = async (options: object) => (await store.list({ limit: 10, ...options })).map((i) => i.stream);
      assert.deepEqual(await ids({}), ['a_3', 'a%2', 'b-1', 'a_1', 'B-2']);
      assert.deepEqual(await ids({ limit: 2 }), ['a_3', 'a%2']);
      assert.deepEqual(await ids({ limit: 2, after: 'a%2' }), ['b-1', 'a_1']);
      assert.deepEqual(await ids({ limit: 2, after: 'a_1' }), ['B-2']);
      assert.deepEqual(await ids({ after: 'B-2' }), []);
      assert.deepEqual(await ids({ after: 'nowhere' }), []);
      assert.deepEqual(await ids({ prefix: 'a_' }), ['a_3', 'a_1']);
      assert.deepEqual(await ids({ prefix: 'a%' }), ['a%2']);
      assert.deepEqual(await ids({ prefix: 'a', after: 'a_3', limit: 1 }), ['a%2']);
      assert.deepEqual(await ids({ status: 'ended' }), ['b-1']);
      assert.deepEqual(await ids({ status: 'open', prefix: 'b' }), []);
      assert.deepEqual((await store.list({ limit: 1 }))[0], await store.info('a_3'));
    },
  },
  {
    name: 'workers are those at work',
    async run(lab) {
      const store = await lab.open();
      assert.deepEqual(await store.workers(), []);
      await store.join('w1');
      const second = await store.join('w2');
      const now = await store.workers();
      assert.deepEqual(
        now.map((w) => [w.worker, w.alive]),
        [
          ['w1', true],
          ['w2', true],
        ],
      );
      assert.ok(now.every((w) => w.sinceMs === 0 || w.sinceMs > NOW / 2));
      await second.leave();
      assert.deepEqual(
        (await store.workers()).map((w) => w.worker),
        ['w1'],
      );
    },
  },
];
