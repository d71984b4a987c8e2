/** S3, S7: who may claim what, and what it does to the one before. */
import assert from 'node:assert/strict';
import {
  begun,
  claimed,
  claimOf,
  commit,
  type ContractRow,
  dueIds,
  faultCode,
  journal,
  letter,
  NOW,
  won,
} from './kit.ts';

export const claimRows: ContractRow[] = [
  {
    name: "S7 a living owner's streams are not claimed, due letters or not",
    async run(lab) {
      const store = await lab.open();
      await begun(store);
      await store.post([letter('run-1', 'a')]);
      const second = await store.join('w2');
      assert.deepEqual(await claimed(second), []);
      assert.deepEqual(await claimed(second, { stream: 'run-1' }), []);
      assert.deepEqual(await claimed(second, { stream: 'nowhere' }), []);
      assert.equal((await store.info('run-1'))?.owner, 'w1');
    },
  },
  {
    name: 'S7 a stream given up is claimed once a letter is due',
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      const second = await store.join('w2');
      await won(member, run.next({ release: true, send: [letter('run-1', 't', NOW + 10)] }));
      assert.equal((await store.info('run-1'))?.owner, null);
      assert.deepEqual(await dueIds(member, NOW + 10), []);
      assert.deepEqual(await claimed(second), []);
      const [info] = await second.claim(claimOf({ nowMs: NOW + 10 }));
      assert.deepEqual(info, await store.info('run-1'));
      assert.equal(info?.epoch, 2);
      assert.equal(info?.owner, 'w2');
      assert.deepEqual(await dueIds(second, NOW + 10), ['t']);
      assert.deepEqual(await claimed(member, { nowMs: NOW + 10 }), []);
    },
  },
  {
    name: 'S7 an ownerless stream is claimed by name without a letter, once',
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      const second = await store.join('w2');
      await won(member, run.next({ release: true }));
      assert.deepEqual(await claimed(second), []);
      assert.deepEqual(await claimed(second, { stream: 'run-1' }), ['run-1']);
      assert.deepEqual(await claimed(member, { stream: 'run-1' }), []);
    },
  },
  {
    name: "S7 a dead owner's open streams are claimed at once, letters or none; ended ones never",
    needs: ['kill'],
    async run(lab) {
      const store = await lab.open();
      const { member } = await begun(store);
      const ended = journal('run-2');
      await won(member, ended.create({ status: 'ended' }), journal('run-3').create({ send: [letter('run-3', 't')] }));
      const second = await store.join('w2');
      assert.deepEqual(await claimed(second), []);
      await lab.kill!(store, 'w1');
      assert.deepEqual(await claimed(second), ['run-1', 'run-3']);
      assert.deepEqual(await dueIds(second), ['t']);
      assert.equal((await store.info('run-2'))?.epoch, 1);
      assert.deepEqual(await claimed(second, { stream: 'run-2' }), []);
      assert.deepEqual(
        (await store.workers()).filter((w) => w.alive).map((w) => w.worker),
        ['w2'],
      );
    },
  },
  {
    name: 'S7 whoever leaves gives up all at once, and acts no more',
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      const second = await store.join('w2');
      await member.leave();
      await member.leave();
      assert.equal(await faultCode(member.commit([run.next()], true)), 'site.stopped');
      assert.equal(await faultCode(member.claim(claimOf())), 'site.stopped');
      assert.deepEqual(await claimed(second), ['run-1']);
      assert.deepEqual(
        (await store.workers()).map((w) => w.worker),
        ['w2'],
      );
    },
  },
  {
    name: 'S7 a name that is at work cannot be joined again; after it left it can',
    async run(lab) {
      const store = await lab.open();
      const first = await store.join('w1');
      assert.equal(await faultCode(store.join('w1')), 'conflict');
      await first.leave();
      const again = await store.join('w1');
      await won(again, journal('run-1').create());
    },
  },
  {
    name: "S7 who joins again under a dead one's name claims its streams like anyone",
    needs: ['kill'],
    async run(lab) {
      const store = await lab.open();
      await begun(store);
      await lab.kill!(store, 'w1');
      const again = await store.join('w1');
      const [info] = await again.claim(claimOf());
      assert.equal(info?.stream, 'run-1');
      assert.equal(info?.epoch, 2);
      assert.equal(info?.owner, 'w1');
      assert.deepEqual(await claimed(again), []);
    },
  },
  {
    name: 'S3 epochs rise by one with every claim; the one before can append nothing',
    needs: ['expire'],
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      const second = await store.join('w2');
      await lab.expire!(store, 'w1');
      const [info] = await second.claim(claimOf());
      assert.equal(info?.epoch, 2);
      const stale = run.next({ send: [letter('run-1', 'ghost')], status: 'ended' });
      assert.deepEqual(await commit(member, stale), [{ ok: false, why: 'epoch', head: 1, epoch: 2 }]);
      assert.deepEqual(await commit(member, journal('run-1', { head: 1 }).bare({ release: true })), [
        { ok: false, why: 'epoch', head: 1, epoch: 2 },
      ]);
      assert.deepEqual(await store.letters('run-1'), []);
      await won(second, journal('run-1', { head: 1, epoch: 2, hash: info.hash }).next());
      assert.deepEqual(await dueIds(member), []);
      await lab.expire!(store, 'w2');
      const [third] = await member.claim(claimOf());
      assert.equal(third?.epoch, 3);
    },
  },
  {
    name: 'S7 a paused owner that comes back before anybody claimed goes on',
    needs: ['expire'],
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      await lab.expire!(store, 'w1');
      await won(member, run.next());
      assert.equal((await store.info('run-1'))?.epoch, 1);
    },
  },
  {
    name: 'claim heeds `has`, `format` and `limit`',
    async run(lab) {
      const store = await lab.open();
      const member = await store.join('w1');
      const give = (id: string, needs: string, format: number) =>
        journal(id).create({ new: { needs, format }, release: true, send: [letter(id, 'go')] });
      await won(member, give('any', '', 1), give('pay-1', 'pay@1', 1), give('pay-2', 'pay@2', 1), give('new', '', 2));
      const second = await store.join('w2');
      assert.deepEqual(await claimed(second, { limit: 0 }), []);
      assert.deepEqual(await claimed(second, { has: ['mail@1'] }), ['any']);
      assert.deepEqual(await claimed(second, { has: [] }), []);
      assert.deepEqual(await claimed(second, { has: ['pay@2', 'x'] }), ['pay-2']);
      assert.deepEqual(await claimed(second, { stream: 'new' }), []);
      assert.deepEqual(await claimed(second, { format: 3 }), ['new', 'pay-1']);
      await won(member, ...Array.from({ length: 7 }, (_, i) => give(`r${i}`, '', 1)));
      assert.equal((await claimed(second, { limit: 3 })).length, 3);
      assert.equal((await claimed(second, { limit: 9 })).length, 4);
    },
  },
  {
    name: 'a claim whose answer was lost is found again with `holds`',
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      await won(member, journal('run-2').create());
      const all = await member.claim(claimOf({ holds: (stream) => stream === 'run-2' }));
      assert.deepEqual(
        all.map((i) => [i.stream, i.epoch, i.owner]),
        [['run-1', 2, 'w1']],
      );
      run.epoch = 2;
      await won(member, run.next());
      assert.deepEqual(await claimed(member, { holds: () => true }), []);
    },
  },
  {
    name: 'S7 of two that claim at once each stream goes to one',
    async run(lab) {
      const store = await lab.open();
      const other = lab.again === undefined ? store : await lab.again();
      const [a, b] = [await store.join('w1'), await other.join('w2')];
      const ids = Array.from({ length: 60 }, (_, i) => `run-${i}`);
      await won(a, ...ids.map((id) => journal(id).create({ release: true, send: [letter(id, 'go')] })));
      const rounds = await Promise.all(
        Array.from({ length: 12 }, (_, i) => (i % 2 ? a : b).claim(claimOf({ limit: 10 }))),
      );
      const infos = rounds.flat();
      assert.deepEqual(infos.map((i) => i.stream).sort(), [...ids].sort());
      assert.ok(infos.every((i) => i.epoch === 2));
    },
  },
];
