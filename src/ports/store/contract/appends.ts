/** S1, S2, S5: appends win whole or lose whole, as values. */
import assert from 'node:assert/strict';
import { begun, commit, type ContractRow, faultCode, journal, letter, won, WON } from './kit.ts';

export const appendRows: ContractRow[] = [
  {
    name: 'S1 a create makes the stream and its first record',
    async run(lab) {
      const store = await lab.open();
      const member = await store.join('w1');
      const run = journal('run-1');
      const append = run.create({ count: 3, new: { needs: 'pay@2', format: 1, meta: '{"by":"x"}', createdMs: 5 } });
      await won(member, append);
      assert.deepEqual(await store.info('run-1'), {
        stream: 'run-1',
        head: 3,
        hash: run.hash,
        epoch: 1,
        owner: 'w1',
        status: 'open',
        needs: 'pay@2',
        format: 1,
        meta: '{"by":"x"}',
        createdMs: 5,
      });
      assert.deepEqual(await store.read('run-1'), [append.record]);
    },
  },
  {
    name: 'S1 a create without a record begins at head 0',
    async run(lab) {
      const store = await lab.open();
      const member = await store.join('w1');
      const run = journal('run-1');
      await won(member, run.bare({ create: { needs: '', format: 1, meta: '', createdMs: 1 } }));
      assert.equal((await store.info('run-1'))?.head, 0);
      assert.deepEqual(await store.read('run-1'), []);
      await won(member, run.next());
      assert.equal((await store.info('run-1'))?.head, 1);
    },
  },
  {
    name: 'S1 texts come back byte for byte',
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      const odd = '\u0001 \n\t "quotes" \\ ü ☃ 𝄞 \u2028 {"a":[1,2]}' + 'x'.repeat(200_000);
      const append = run.next();
      append.record = { ...append.record!, header: odd, payloads: odd, hash: 'hash-of-odd' };
      append.snapshot = { seq: 2, state: odd };
      append.send = [letter('run-1', 'odd "id" ☃', 0, odd)];
      await won(member, append);
      assert.deepEqual((await store.read('run-1', { from: 1 }))[0], append.record);
      assert.deepEqual(await store.snapshot('run-1'), append.snapshot);
      assert.deepEqual(await store.letters('run-1'), [{ id: 'odd "id" ☃', dueMs: 0, body: odd }]);
    },
  },
  {
    name: 'S2 a second create loses with `exists` and what is there',
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      assert.deepEqual(await commit(member, journal('run-1').create()), [
        { ok: false, why: 'exists', head: 1, epoch: 1 },
      ]);
      assert.equal((await store.info('run-1'))?.hash, run.hash);
    },
  },
  {
    name: 'S2 a second create loses also where the first brought no record, as its own head would fit',
    async run(lab) {
      const store = await lab.open();
      const member = await store.join('w1');
      await won(member, journal('run-1').bare({ create: { needs: '', format: 1, meta: '', createdMs: 1 } }));
      for (const more of [{}, { status: 'ended' as const }])
        assert.deepEqual(await commit(member, journal('run-1').create(more)), [
          { ok: false, why: 'exists', head: 0, epoch: 1 },
        ]);
      assert.deepEqual(await store.read('run-1'), []);
      assert.equal((await store.info('run-1'))?.status, 'open');
    },
  },
  {
    name: 'S2 a wrong head loses with `head`, older or newer',
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      await won(member, run.next({ count: 4 }));
      for (const head of [0, 1, 4, 6]) {
        assert.deepEqual(await commit(member, journal('run-1', { head }).next()), [
          { ok: false, why: 'head', head: 5, epoch: 1 },
        ]);
        assert.deepEqual(await commit(member, journal('run-1', { head }).bare({ take: ['x'] })), [
          { ok: false, why: 'head', head: 5, epoch: 1 },
        ]);
      }
      assert.equal((await store.read('run-1')).length, 2);
    },
  },
  {
    name: 'S2 a wrong epoch loses with `epoch`, lower or higher, before a wrong head is told',
    async run(lab) {
      const store = await lab.open();
      const { member } = await begun(store);
      for (const epoch of [0, 2]) {
        for (const head of [1, 7]) {
          assert.deepEqual(await commit(member, journal('run-1', { head, epoch }).next()), [
            { ok: false, why: 'epoch', head: 1, epoch: 1 },
          ]);
        }
      }
    },
  },
  {
    name: 'S2 a missing stream loses with `missing`',
    async run(lab) {
      const store = await lab.open();
      const member = await store.join('w1');
      assert.deepEqual(await commit(member, journal('nowhere').next()), [
        { ok: false, why: 'missing', head: 0, epoch: 0 },
      ]);
      assert.equal(await store.info('nowhere'), null);
      assert.deepEqual(await store.read('nowhere'), []);
    },
  },
  {
    name: 'S1 of a group some win and some lose, each by itself and whole',
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      const other = journal('run-2');
      const loser = journal('run-1', { head: 9 }).next({
        send: [letter('run-2', 'ghost')],
        take: ['kept'],
        status: 'ended',
        snapshot: { seq: 9, state: 'ghost' },
      });
      await won(member, run.next({ send: [letter('run-1', 'kept')] }));
      const results = await commit(
        member,
        loser,
        other.create(),
        journal('run-3', { epoch: 4 }).next(),
        run.next(),
        other.next(),
      );
      assert.deepEqual(
        results.map((r) => (r.ok ? 'won' : r.why)),
        ['head', 'won', 'missing', 'won', 'won'],
      );
      assert.equal((await store.info('run-1'))?.status, 'open');
      assert.equal(await store.snapshot('run-1'), null);
      assert.deepEqual(
        (await store.letters('run-1')).map((l) => l.id),
        ['kept'],
      );
      assert.deepEqual(await store.letters('run-2'), []);
      assert.equal((await store.info('run-1'))?.head, 3);
      assert.equal((await store.info('run-2'))?.head, 2);
    },
  },
  {
    name: 'S2 a group works in its order: appends to one stream follow one another',
    async run(lab) {
      const store = await lab.open();
      const member = await store.join('w1');
      const run = journal('run-1');
      const group = [run.create(), run.next({ count: 2 }), run.next()];
      group.push({ ...group[2]! });
      const results = await commit(member, ...group);
      assert.deepEqual(results, [WON, WON, WON, { ok: false, why: 'head', head: 4, epoch: 1 }]);
      assert.deepEqual(
        (await store.read('run-1')).map((r) => r.seq),
        [0, 1, 3],
      );
    },
  },
  {
    name: 'S5 an append tried again after it went through loses with `head`, a create with `exists`',
    async run(lab) {
      const store = await lab.open();
      const member = await store.join('w1');
      const run = journal('run-1');
      const create = run.create();
      await won(member, create);
      const next = run.next({ count: 2 });
      await won(member, next);
      assert.deepEqual(await commit(member, next), [{ ok: false, why: 'head', head: 3, epoch: 1 }]);
      assert.deepEqual(await commit(member, create), [{ ok: false, why: 'exists', head: 3, epoch: 1 }]);
      assert.equal((await store.read('run-1')).length, 2);
    },
  },
  {
    name: 'S1 a group with a record that does not begin at its head throws and writes nothing',
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      const good = run.next();
      const bad = journal('run-2').create();
      bad.record!.seq = 3;
      assert.equal(await faultCode(commit(member, good, bad)), 'input.invalid');
      assert.equal((await store.info('run-1'))?.head, 1);
      assert.equal(await store.info('run-2'), null);
      await won(member, good);
    },
  },
  {
    name: 'S2 an empty group is fine',
    async run(lab) {
      const store = await lab.open();
      const member = await store.join('w1');
      assert.deepEqual(await member.commit([], true), []);
      assert.deepEqual(await member.commit([], false), []);
    },
  },
  {
    name: 'S4 what is committed is seen by another handle, with and without a barrier',
    needs: ['again'],
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      const other = await lab.again!();
      assert.equal((await other.info('run-1'))?.head, 1);
      assert.deepEqual(await member.commit([run.next()], false), [WON]);
      assert.deepEqual(await member.commit([run.next()], true), [WON]);
      assert.equal((await other.read('run-1')).at(-1)?.hash, run.hash);
    },
  },
];
