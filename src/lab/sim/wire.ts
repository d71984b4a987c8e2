/**
 * A process's way to the disk: every call takes its time, may be refused, may be carried out without
 * its answer coming back, and may be the last thing the process does.
 */
import { Fault, type FaultCode, type SeededChance } from '../../base/index.ts';
import type { Append, AppendResult, Membership, Store } from '../../ports/store/index.ts';
import type { Disk } from './disk.ts';
import type { SimProcess, World } from './world.ts';

/** What becomes of one call to the disk. */
export type Fate =
  | { is: 'well' }
  | { is: 'refused'; code: FaultCode }
  /** It took place, and the answer is a failure. */
  | { is: 'lost'; code: FaultCode }
  | { is: 'crashBefore' }
  | { is: 'crashAfter' };

export const WELL: Fate = { is: 'well' };

export interface Wire {
  world: World;
  disk: Disk;
  process: SimProcess;
  chance: SeededChance;
  /** Decides at the moment of the call; `commit` and `claim` may be crashed. */
  fate(op: string, process: SimProcess): Fate;
  latencyMs(): number;
  /** A planted bug: the disk says that it has written, and has not. */
  lies: boolean;
  crash(process: SimProcess): void;
  /** The answer of a commit reached the process. */
  acked(process: SimProcess, appends: readonly Append[], results: readonly AppendResult[], barrier: boolean): void;
  /** What the store is for this process: the disk's own, or one with a bug planted in it. */
  view(): Store;
}

export function connect(wire: Wire): Store {
  const { world, disk, process, chance } = wire;

  function remote<T>(op: string, work: () => Promise<T>, answered?: (value: T) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const fate = wire.fate(op, process);
      const back = (call: () => void): void => void world.after(wire.latencyMs(), call, process);
      const fail = (code: FaultCode): void => back(() => reject(new Fault(code, `${op}: the disk failed`)));
      if (fate.is === 'refused') return fail(fate.code);
      const { cuts } = disk;
      const carryOut = async (): Promise<void> => {
        if (cuts !== disk.cuts) return;
        if (fate.is === 'crashBefore') return wire.crash(process);
        try {
          const value = await work();
          if (fate.is === 'crashAfter') return wire.crash(process);
          if (fate.is === 'lost') return fail(fate.code);
          back(() => {
            answered?.(value);
            resolve(value);
          });
        } catch (thrown) {
          back(() => reject(thrown));
        }
      };
      // The call is on its way: it arrives though its caller may die meanwhile.
      world.after(wire.latencyMs(), () => void carryOut());
    });
  }

  function seat(member: Membership): Membership {
    return {
      worker: member.worker,
      commit(appends, barrier) {
        const copies = appends.map((append) => ({ ...append }));
        return remote(
          'commit',
          async () => {
            disk.acts(member.worker);
            const results = await member.commit(copies, barrier);
            disk.watcher.committed(member.worker, copies, results, barrier);
            if (barrier && !wire.lies) disk.barrier();
            return results;
          },
          (results) => wire.acked(process, copies, results, barrier),
        );
      },
      claim: (request) =>
        remote('claim', async () => {
          disk.acts(member.worker);
          const streams = await member.claim(request);
          disk.watcher.claimed(member.worker, streams);
          if (streams.length > 0 && !wire.lies) disk.barrier();
          return streams;
        }),
      due: (nowMs, limit) =>
        remote('due', () => {
          disk.acts(member.worker);
          return member.due(nowMs, limit);
        }),
      nextDueMs: () => remote('nextDueMs', () => member.nextDueMs()),
      watch(call) {
        return member.watch(() => void world.after(chance.int(20), call, process));
      },
      leave: () =>
        remote('leave', async () => {
          await member.leave();
          disk.kill(member.worker);
        }),
    };
  }

  const reach = <A extends unknown[], T>(op: string, call: (store: Store, ...args: A) => Promise<T>) => {
    return (...args: A): Promise<T> => remote(op, () => call(wire.view(), ...args));
  };

  return {
    kind: 'sim',
    join: (worker) => remote('join', async () => seat(await wire.view().join(worker))),
    post: (letters) =>
      remote('post', async () => {
        await wire.view().post(letters);
        if (!wire.lies) disk.barrier();
      }),
    read: reach('read', (store, stream: string, options?: Parameters<Store['read']>[1]) => store.read(stream, options)),
    log: reach('log', (store, options: Parameters<Store['log']>[0]) => store.log(options)),
    info: reach('info', (store, stream: string) => store.info(stream)),
    list: reach('list', (store, options: Parameters<Store['list']>[0]) => store.list(options)),
    letters: reach('letters', (store, stream: string) => store.letters(stream)),
    snapshot: reach('snapshot', (store, stream: string) => store.snapshot(stream)),
    workers: reach('workers', (store) => store.workers()),
    erase: reach('erase', (store, stream: string, seqs: readonly number[]) => store.erase(stream, seqs)),
    compact: reach('compact', (store, stream: string, point: Parameters<Store['compact']>[1]) =>
      store.compact(stream, point),
    ),
    checkpoint: reach('checkpoint', (store, stream: string) => store.checkpoint(stream)),
    backup: reach('backup', (store, target: string) => store.backup(target)),
    markRestored: reach('markRestored', (store, nowMs: number) => store.markRestored(nowMs)),
    async close() {},
  };
}
