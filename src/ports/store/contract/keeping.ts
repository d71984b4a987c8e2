/** R4 and what keeps a store small and whole: erase, compact, backup, restore. */
import assert from 'node:assert/strict';
import { decodeRecord, ERASED, type SignalReceived } from '../../../model/index.ts';
import { begun, claimed, claimOf, commit, type ContractRow, dueIds, faultCode, journal, letter, won } from './kit.ts';

export const keepingRows: ContractRow[] = [
  {
    name: 'R4 erase overwrites the payloads of these events and nothing else',
    async run(lab) {
      const store = await lab.open();
      const member = await store.join('w1');
      const run = journal('run-1');
      await won(member, run.create({ count: 3 }), run.next({ count: 2 }), journal('run-2').create({ count: 3 }));
      const before = await store.read('run-1');
      assert.equal(await store.erase('run-1', [1, 4, 99]), 2);
      assert.equal(await store.erase('run-1', [1, 4]), 0);
      const after = await store.read('run-1');
      assert.deepEqual(
        after.map(({ payloads: _, ...rest }) => rest),
        before.map(({ payloads: _, ...rest }) => rest),
      );
      const data = after
        .flatMap((r) => decodeRecord(r))
        .flatMap((t) => t.events)
        .map((e) => (e as SignalReceived).data);
      assert.deepEqual(
        data.map((d) => JSON.stringify(d) === JSON.stringify(ERASED)),
        [false, true, false, false, true],
      );
      assert.ok(!JSON.stringify(after).includes('secret run-1 1') && JSON.stringify(after).includes('secret run-1 2'));
      assert.ok(JSON.stringify(await store.read('run-2')).includes('secret run-2 1'));
      await won(member, run.next());
      assert.equal(await faultCode(store.erase('nowhere', [1])), 'not-found');
    },
  },
  {
    name: 'compact drops whole records and keeps the checkpoint; the stream goes on',
    async run(lab) {
      const store = await lab.open();
      const member = await store.join('w1');
      const run = journal('run-1');
      await won(member, run.create({ count: 3 }), run.next());
      const middle = { seq: run.head, hash: run.hash, text: '{"signed":"by me"}' };
      await won(member, run.next({ count: 2 }));
      assert.equal(await store.checkpoint('run-1'), null);
      assert.equal(await faultCode(store.compact('run-1', { ...middle, seq: 2 })), 'conflict');
      assert.equal(await faultCode(store.compact('run-1', { ...middle, seq: 99 })), 'conflict');
      assert.equal(await faultCode(store.compact('run-1', { ...middle, hash: 'x' })), 'conflict');
      assert.equal(await faultCode(store.compact('nowhere', middle)), 'not-found');
      assert.equal((await store.read('run-1')).length, 3);
      await store.compact('run-1', middle);
      assert.deepEqual(await store.checkpoint('run-1'), middle);
      assert.deepEqual(
        (await store.read('run-1')).map((r) => r.seq),
        [4],
      );
      assert.deepEqual(
        (await store.read('run-1', { from: 1, limit: 1 })).map((r) => r.seq),
        [4],
      );
      assert.equal((await store.info('run-1'))?.head, 6);
      assert.equal(await faultCode(store.compact('run-1', middle)), 'conflict');
      await won(member, run.next());
      const all = { seq: run.head, hash: run.hash, text: '"all"' };
      await store.compact('run-1', all);
      assert.deepEqual(await store.read('run-1'), []);
      assert.deepEqual(await store.checkpoint('run-1'), all);
      await won(member, run.next({ count: 2 }));
      assert.deepEqual(
        (await store.read('run-1', { from: 7 })).map((r) => r.seq),
        [7],
      );
    },
  },
  {
    name: 'S3 markRestored raises every open epoch and leaves no owner',
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      const ended = journal('run-2');
      await won(member, ended.create({ status: 'ended' }), journal('run-3').create({ release: true }));
      assert.deepEqual((await store.markRestored(5)).sort(), ['run-1', 'run-3']);
      for (const id of ['run-1', 'run-3']) {
        const info = await store.info(id);
        assert.equal(info?.epoch, 2);
        assert.equal(info?.owner, null);
      }
      assert.equal((await store.info('run-2'))?.epoch, 1);
      assert.deepEqual(await commit(member, run.next()), [{ ok: false, why: 'epoch', head: 1, epoch: 2 }]);
      await store.post([letter('run-1', 'restored'), letter('run-3', 'restored')]);
      assert.deepEqual(await claimed(member), ['run-1', 'run-3']);
      assert.equal((await store.info('run-1'))?.epoch, 3);
    },
  },
  {
    name: 'a backup is a consistent copy, a store of its own, with no living owner',
    needs: ['backup'],
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      await won(member, run.next({ send: [letter('run-1', 't')], snapshot: { seq: 1, state: '"s"' } }));
      const copy = await lab.restore!(store);
      await won(member, run.next({ take: ['t'] }));
      assert.equal((await copy.info('run-1'))?.head, 2);
      assert.deepEqual(await copy.read('run-1'), (await store.read('run-1')).slice(0, 2));
      assert.deepEqual(await copy.snapshot('run-1'), { seq: 1, state: '"s"' });
      assert.deepEqual(
        (await copy.letters('run-1')).map((l) => l.id),
        ['t'],
      );
      const other = await copy.join('w9');
      const [info] = await other.claim(claimOf());
      assert.equal(info?.epoch, 2);
      assert.deepEqual(await dueIds(other), ['t']);
      await won(other, journal('run-1', { head: 2, epoch: 2, hash: info.hash }).next());
      assert.equal((await store.info('run-1'))?.head, 3);
    },
  },
];
