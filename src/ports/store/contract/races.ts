/** Many at once: two members on one stream, a thousand commits, letters while streams change hands. */
import assert from 'node:assert/strict';
import { begun, claimOf, type ContractRow, dueIds, journal, letter, NOW, won } from './kit.ts';

export const raceRows: ContractRow[] = [
  {
    name: 'S2 of two members racing for one head exactly one wins, every time',
    async run(lab) {
      const store = await lab.open();
      const other = lab.again === undefined ? store : await lab.again();
      const { member, run } = await begun(store);
      const second = await other.join('w2');
      for (let i = 0; i < 50; i++) {
        // Both know the epoch: only the head decides.
        const mine = journal('run-1', run).next({ count: 1 + (i % 3) });
        const theirs = journal('run-1', run).next({ count: 2 });
        const [a, b] = await Promise.all([member.commit([mine], i % 2 === 0), second.commit([theirs], true)]);
        assert.equal(Number(a[0]!.ok) + Number(b[0]!.ok), 1);
        const winner = a[0]!.ok ? mine : theirs;
        run.head += winner.record!.count;
        run.hash = winner.record!.hash;
        const loser = a[0]!.ok ? b[0]! : a[0]!;
        assert.deepEqual(loser, { ok: false, why: 'head', head: run.head, epoch: 1 });
      }
      assert.equal((await store.read('run-1')).length, 51);
    },
  },
  {
    name: 'S1 1,000 concurrent commits all win and are all there',
    async run(lab) {
      const store = await lab.open();
      const other = lab.again === undefined ? store : await lab.again();
      const members = [await store.join('w1'), await other.join('w2')];
      const runs = Array.from({ length: 200 }, (_, i) => journal(`run-${i}`));
      const commits: Promise<unknown>[] = [];
      // Five commits of each run are under way at once: a store may not reorder one member's commits.
      for (let i = 0; i < 1000; i++) {
        const run = runs[i % 200]!;
        commits.push(won(members[(i % 200) % 2]!, i < 200 ? run.create() : run.next()));
      }
      await Promise.all(commits);
      for (const run of runs) {
        const info = await store.info(run.stream);
        assert.equal(info?.head, 5);
        assert.equal(info.hash, run.hash);
        assert.deepEqual(
          (await other.read(run.stream)).map((r) => r.seq),
          [0, 1, 2, 3, 4],
        );
      }
    },
  },
  {
    name: 'S6 no letter is lost or doubled while its stream changes hands',
    async run(lab) {
      const store = await lab.open();
      const other = lab.again === undefined ? store : await lab.again();
      const members = [await store.join('w1'), await other.join('w2')];
      const run = journal('run-1');
      await won(members[0]!, run.create({ release: true }));
      const got: string[] = [];
      for (let i = 0; i < 40; i++) {
        const posted = other.post([letter('run-1', `m${i}`)]);
        const [a, b] = await Promise.all(members.map((m) => m.claim(claimOf())));
        await posted;
        const owner = a!.length > 0 ? members[0]! : members[1]!;
        if (a!.length + b!.length === 0) assert.equal((await owner.claim(claimOf())).length, 1);
        run.epoch++;
        const ids = await dueIds(owner);
        got.push(...ids);
        await won(owner, run.next({ take: ids, release: true }));
      }
      for (const id of (await store.letters('run-1')).map((l) => l.id)) got.push(id);
      assert.deepEqual([...got].sort(), Array.from({ length: 40 }, (_, i) => `m${i}`).sort());
      assert.equal(new Set(got).size, got.length);
    },
  },
  {
    name: 'S4 commits without a barrier keep their order before one with it',
    needs: ['again'],
    async run(lab) {
      const store = await lab.open();
      const { member, run } = await begun(store);
      const all = [];
      for (let i = 0; i < 20; i++)
        all.push(member.commit([run.next({ send: [letter('run-1', `t${i}`, NOW + i)] })], i % 5 === 4));
      assert.ok((await Promise.all(all)).every(([r]) => r!.ok));
      const other = await lab.again!();
      assert.equal((await other.info('run-1'))?.head, 21);
      assert.equal((await other.letters('run-1')).length, 20);
    },
  },
];
