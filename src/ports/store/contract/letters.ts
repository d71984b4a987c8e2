/** S6: letters are delivered until taken, and kept once. */
import assert from 'node:assert/strict';
import { begun, claimed, commit, type ContractRow, dueIds, journal, letter, NOW, soon, won } from './kit.ts';

export const letterRows: ContractRow[] = [
  {
    name: 'S6 a letter is due from its time on, until an append takes it',
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      await won(member, run.next({ send: [letter('run-1', 'timer', NOW + 10, '"ring"')] }));
      assert.deepEqual(await member.due(NOW + 9, 10), []);
      const wanted = [{ stream: 'run-1', id: 'timer', dueMs: NOW + 10, body: '"ring"' }];
      assert.deepEqual(await member.due(NOW + 10, 10), wanted);
      assert.deepEqual(await member.due(NOW + 99, 10), wanted);
      await won(member, run.next({ take: ['timer'] }));
      assert.deepEqual(await member.due(NOW + 99, 10), []);
      assert.deepEqual(await store.letters('run-1'), []);
    },
  },
  {
    name: 'S6 the same id on the same stream is kept once, the first; another stream has its own',
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      const other = journal('run-2');
      await won(
        member,
        other.create({ send: [letter('run-1', 'a', 0, '"first"'), letter('run-2', 'a', 0, '"other"')] }),
      );
      await store.post([letter('run-1', 'a', 5, '"second"'), letter('run-1', 'a', 6, '"third"')]);
      assert.deepEqual(await store.letters('run-1'), [{ id: 'a', dueMs: 0, body: '"first"' }]);
      assert.deepEqual(await store.letters('run-2'), [{ id: 'a', dueMs: 0, body: '"other"' }]);
      await won(member, run.next({ take: ['a'] }));
      assert.deepEqual(await dueIds(member), ['a']);
      await store.post([letter('run-1', 'a', 0, '"again"')]);
      assert.equal((await store.letters('run-1'))[0]?.body, '"again"');
    },
  },
  {
    name: 'S6 due letters come oldest first, then as they arrived, at most `limit`',
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      await won(
        member,
        run.next({
          send: [
            letter('run-1', 'c', 30),
            letter('run-1', 'z', 10),
            letter('run-1', 'b', 20),
            letter('run-1', 'y', 10),
            letter('run-1', 'a', 0),
          ],
        }),
      );
      assert.deepEqual(await dueIds(member), ['a', 'z', 'y', 'b', 'c']);
      assert.deepEqual(await dueIds(member, NOW, 3), ['a', 'z', 'y']);
      assert.deepEqual(
        (await store.letters('run-1')).map((l) => l.id),
        ['a', 'z', 'y', 'b', 'c'],
      );
    },
  },
  {
    name: 'S6 one append takes, then sends: a timer may be armed again under its id',
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      await won(member, run.next({ send: [letter('run-1', 't', 10, '"old"')] }));
      await won(member, run.next({ take: ['t', 'never-there'], send: [letter('run-1', 't', 20, '"new"')] }));
      assert.deepEqual(await store.letters('run-1'), [{ id: 't', dueMs: 20, body: '"new"' }]);
    },
  },
  {
    name: 'S6 a letter that is withdrawn before its time never comes',
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      await won(member, run.next({ send: [letter('run-1', 't', NOW + 10)] }));
      await won(member, run.bare({ take: ['t'] }));
      assert.deepEqual(await dueIds(member, NOW + 1000), []);
      assert.equal(await member.nextDueMs(), null);
    },
  },
  {
    name: 'S6 an append takes letters of its own stream only',
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      await won(member, journal('run-2').create({ send: [letter('run-2', 'a')] }));
      await won(member, run.next({ take: ['a'] }));
      assert.deepEqual(await dueIds(member), ['a']);
    },
  },
  {
    name: 'S6 a letter to a stream that is not there yet waits for it',
    async run(lab) {
      const store = await lab.open();
      const member = await store.join('w1');
      await store.post([letter('run-1', 'early')]);
      assert.deepEqual(await dueIds(member), []);
      assert.equal(await member.nextDueMs(), null);
      assert.deepEqual(await claimed(member), []);
      await won(member, journal('run-1').create());
      assert.deepEqual(await dueIds(member), ['early']);
    },
  },
  {
    name: 'S6 letters of an ended stream are kept and due no more',
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      await won(member, run.next({ status: 'ended', send: [letter('run-1', 'late')] }));
      await store.post([letter('run-1', 'later')]);
      assert.deepEqual(await dueIds(member), []);
      assert.equal(await member.nextDueMs(), null);
      assert.deepEqual(await claimed(member), []);
      assert.deepEqual(
        (await store.letters('run-1')).map((l) => l.id),
        ['late', 'later'],
      );
      const info = await store.info('run-1');
      assert.equal(info?.status, 'ended');
      assert.equal(info?.owner, null);
    },
  },
  {
    name: 'S6 a stream that one append makes and ends keeps its letters, and they are due no more',
    async run(lab) {
      const store = await lab.open();
      const member = await store.join('w1');
      await store.post([letter('run-1', 'early'), letter('run-1', 'taken')]);
      const run = journal('run-1');
      const whole = run.create({
        count: 3,
        status: 'ended',
        release: true,
        take: ['taken'],
        send: [letter('run-1', 'own'), letter('run-2', 'out')],
      });
      await won(member, whole, journal('run-2').create());
      assert.deepEqual(await dueIds(member), ['out']);
      assert.deepEqual(await claimed(member, { stream: 'run-1' }), []);
      assert.deepEqual((await store.letters('run-1')).map((l) => l.id).sort(), ['early', 'own']);
      const info = await store.info('run-1');
      assert.deepEqual([info?.status, info?.owner, info?.head, info?.hash], ['ended', null, 3, run.hash]);
      assert.deepEqual(await store.read('run-1'), [whole.record]);
      assert.deepEqual(await commit(member, journal('run-1').create()), [
        { ok: false, why: 'exists', head: 3, epoch: 1 },
      ]);
    },
  },
  {
    name: 'S7 a stream that one append makes and gives up is claimed by its letters, of before or its own',
    async run(lab) {
      const store = await lab.open();
      const member = await store.join('w1');
      const second = await store.join('w2');
      await store.post([letter('run-1', 'early')]);
      const own = journal('run-2').create({ release: true, send: [letter('run-2', 'own')] });
      await won(member, journal('run-1').create({ release: true }), own);
      assert.deepEqual(await dueIds(member), []);
      assert.deepEqual(await claimed(second), ['run-1', 'run-2']);
      assert.deepEqual((await dueIds(second)).sort(), ['early', 'own']);
    },
  },
  {
    name: 'S6 nobody is given letters of a stream that another owns',
    async run(lab) {
      const store = await lab.open();
      const { member } = await begun(store);
      const second = await store.join('w2');
      await won(second, journal('run-2').create({ send: [letter('run-1', 'for-1'), letter('run-2', 'for-2')] }));
      assert.deepEqual(await dueIds(member), ['for-1']);
      assert.deepEqual(await dueIds(second), ['for-2']);
    },
  },
  {
    name: 'nextDueMs is the soonest of own and ownerless open streams',
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      const second = await store.join('w2');
      assert.equal(await member.nextDueMs(), null);
      await won(member, run.next({ send: [letter('run-1', 'own', 500)] }));
      assert.equal(await member.nextDueMs(), 500);
      assert.equal(await second.nextDueMs(), null);
      const free = journal('run-2');
      await won(second, free.create({ send: [letter('run-2', 'free', 400)], release: true }));
      assert.equal(await member.nextDueMs(), 400);
      assert.equal(await second.nextDueMs(), 400);
      assert.deepEqual(await claimed(second, { nowMs: 399 }), []);
      assert.deepEqual(await claimed(second, { nowMs: 400 }), ['run-2']);
      assert.equal(await member.nextDueMs(), 500);
      assert.equal(await second.nextDueMs(), 400);
    },
  },
  {
    name: 'watch tells of posts and of other members, and stops when told',
    async run(lab) {
      const store = await lab.open();
      const { member } = await begun(store);
      const second = await store.join('w2');
      let calls = 0;
      const stop = member.watch(() => calls++);
      await store.post([letter('run-1', 'a')]);
      assert.ok(await soon(() => calls > 0), 'no call after a post');
      calls = 0;
      await won(second, journal('run-2').create({ send: [letter('run-1', 'b')] }));
      assert.ok(await soon(() => calls > 0), "no call after another member's letter");
      stop();
      await new Promise((wake) => setTimeout(wake, 50));
      calls = 0;
      await store.post([letter('run-1', 'c')]);
      await new Promise((wake) => setTimeout(wake, 100));
      assert.equal(calls, 0);
    },
  },
  {
    name: 'watch tells of what another handle wrote',
    needs: ['again'],
    async run(lab) {
      const store = await lab.open();
      const { member } = await begun(store);
      const other = await lab.again!();
      let calls = 0;
      const stop = member.watch(() => calls++);
      await other.post([letter('run-1', 'a')]);
      assert.ok(await soon(() => calls > 0), 'no call');
      assert.deepEqual(await dueIds(member), ['a']);
      stop();
    },
  },
];
