/** Planted: stores that do not do what their contract says. */
import { chainNext } from '../../model/index.ts';
import type { Append, Membership, Snapshot, Store } from '../../ports/store/index.ts';
import type { CheckId } from '../sim/finding.ts';
import type { MemoryDisk } from '../sim/disk-memory.ts';
import { wrongState } from './deciding.ts';
import type { Tooth } from './tooth.ts';

type Wrap = (member: Membership, disk: MemoryDisk) => Partial<Membership>;

/** A store whose members do some things in another way. */
function wrongMember(id: string, bug: string, by: readonly CheckId[], make: () => Wrap): Tooth {
  return {
    id,
    bug,
    by,
    plant() {
      const wrap = make();
      return {
        store: (store, disk) => ({
          ...store,
          async join(worker) {
            const member = await store.join(worker);
            return { ...member, ...wrap(member, disk) };
          },
        }),
      };
    },
  };
}

function wrongCommit(
  id: string,
  bug: string,
  by: readonly CheckId[],
  make: () => (append: Append, disk: MemoryDisk) => Append,
): Tooth {
  return wrongMember(id, bug, by, () => {
    const change = make();
    return (member, disk) => ({
      commit: (appends, barrier) =>
        member.commit(
          appends.map((append) => change(append, disk)),
          barrier,
        ),
    });
  });
}

function wrongStore(id: string, bug: string, by: readonly CheckId[], change: (store: Store) => Partial<Store>): Tooth {
  return { id, bug, by, plant: () => ({ store: (store) => ({ ...store, ...change(store) }) }) };
}

const early = wrongMember(
  'timers early',
  'a wait ends when its timer comes, due or not',
  ['wait.early'],
  () => (member) => ({
    due: (nowMs, limit) => member.due(nowMs + 600_000, limit),
  }),
);
const unasking = wrongState('', '', [], (state, input) => {
  const step = input.in === 'timer' ? state.steps.get(input.id.replace(/^wait\|/, '')) : undefined;
  if (step?.kind === 'wait') step.dueMs = 0;
});

export const storeTeeth: readonly Tooth[] = [
  // The store hands it out early, and the decision does not look.
  { ...early, plant: () => ({ ...early.plant(), ...unasking.plant() }) },
  wrongCommit('no fence', 'an append of an older epoch wins', ['journal.epoch'], () => (append, disk) => {
    const stream = disk.state.streams.get(append.stream);
    return stream === undefined || append.create !== undefined ? append : { ...append, epoch: stream.epoch };
  }),
  wrongMember(
    'early acknowledgement',
    'a commit is acknowledged before it is written',
    ['journal.acked'],
    () => (member) => {
      let before: Promise<unknown> = Promise.resolve();
      let next: (() => Promise<unknown>) | undefined;
      const write = async (): Promise<void> => {
        const work = next;
        next = undefined;
        await before;
        before = work?.() ?? Promise.resolve();
        await before;
      };
      return {
        async commit(appends, barrier) {
          await write();
          next = () => member.commit(appends, barrier);
          return appends.map(() => ({ ok: true as const }));
        },
        async due(nowMs, limit) {
          await write();
          return await member.due(nowMs, limit);
        },
      };
    },
  ),
  {
    id: 'lying disk',
    bug: 'a barrier does not reach the disk',
    by: ['journal.acked'],
    plant: () => ({ lies: true }),
  },
  wrongCommit('chain not linked', 'a record is not chained to the one before', ['journal.chain'], () => (append) => {
    const { record } = append;
    return record === undefined ? append : { ...append, record: { ...record, hash: chainNext('', record.header) } };
  }),
  wrongCommit('payload changed', 'a payload is not the one that was hashed', ['journal.chain'], () => (append) => {
    const { record } = append;
    if (record === undefined || record.payloads === '') return append;
    return { ...append, record: { ...record, payloads: record.payloads.replace('think', 'thing') } };
  }),
  wrongMember('live owner robbed', 'a run is taken from an owner who lives', ['claim.live'], () => (member, disk) => ({
    async claim(request) {
      for (const place of disk.state.places) if (place.worker !== member.worker) disk.store.expire(place.worker);
      return await member.claim(request);
    },
  })),
  wrongMember('claims anything', 'a run is handed to whoever asks', ['claim.able'], () => (member) => ({
    claim: (request) => member.claim({ ...request, has: null }),
  })),
  wrongMember('epoch not raised', 'a claim leaves the epoch as it was', ['journal.epoch'], () => (member, disk) => ({
    async claim(request) {
      const claimed = await member.claim(request);
      for (const { stream } of claimed) disk.state.streams.get(stream)!.epoch--;
      return claimed.map((info) => Object.assign(info, { epoch: info.epoch - 1 }));
    },
  })),
  wrongMember(
    'take without append',
    'a letter is gone once it was handed out',
    ['letters.kept', 'run.ends'],
    () => (member, disk) => ({
      async due(nowMs, limit) {
        const letters = await member.due(nowMs, limit);
        for (const { stream, id } of letters) disk.state.streams.get(stream)?.letters.delete(id);
        return letters;
      },
    }),
  ),
  wrongMember('claims forgotten', 'a claim whose answer was lost is not found again', ['run.ends'], () => (member) => ({
    claim: (request) => member.claim({ ...request, holds: undefined }),
  })),
  wrongCommit('lost letter', 'one letter in three to another run is lost', ['letters.kept'], () => {
    let sent = 0;
    return (append) => ({ ...append, send: append.send?.filter((to) => to.to === append.stream || sent++ % 3 !== 2) });
  }),
  wrongStore('lost word', 'a word from outside is acknowledged and lost', ['letters.kept'], (store) => ({
    async post(letters) {
      await store.post(letters.filter(({ id }) => !id.startsWith('signal:')));
    },
  })),
  wrongCommit('stale snapshot', 'a snapshot holds an older state than it says', ['fold.snapshot'], () => {
    const last = new Map<string, Snapshot>();
    return (append) => {
      const { stream, snapshot } = append;
      if (snapshot === undefined) return append;
      const before = last.get(stream);
      last.set(stream, snapshot);
      return before === undefined ? append : { ...append, snapshot: { seq: snapshot.seq, state: before.state } };
    };
  }),
  wrongStore('stale read', 'what was written last cannot be read yet', ['run.ends', 'trouble.none'], (store) => ({
    async read(stream, options) {
      const records = await store.read(stream, options);
      return records.length > 1 ? records.slice(0, -1) : records;
    },
  })),
  wrongStore('end misread', 'the end of a run that ended elsewhere cannot be read yet', ['answer.true'], (store) => ({
    async read(stream, options) {
      const records = await store.read(stream, options);
      const info = await store.info(stream);
      return records.length > 1 && info?.status === 'ended' ? records.slice(0, -1) : records;
    },
  })),
];
