/**
 * A process that can die: its store and its clock answer no more, so that nothing of it goes on, and the
 * store takes its runs for a dead worker's. Dies on demand, or at a commit, before or after it is made.
 */
import type { Clock } from '../../base/index.ts';
import type { Membership, Store } from '../../ports/store/index.ts';
import type { MemoryStore } from '../../ports/store/memory.ts';

export interface Doom {
  readonly dead: boolean;
  /** Commits that were asked for so far. */
  readonly commits: number;
  die(): void;
  clock(clock: Clock): Clock;
  store(store: MemoryStore): Store;
}

export interface DoomAt {
  commit: number;
  when: 'before' | 'after';
}

export function createDoom(at?: DoomAt): Doom {
  let dead = false;
  let commits = 0;
  const dying: (() => void)[] = [];

  function die(): void {
    if (dead) return;
    dead = true;
    for (const call of dying) call();
  }

  /** The dead hear no answers. */
  async function unlessDead<T>(answer: Promise<T>): Promise<T> {
    const value = await answer;
    return dead ? new Promise<never>(() => {}) : value;
  }

  function member(inner: Membership): Membership {
    return {
      worker: inner.worker,
      async commit(appends, barrier) {
        if (dead) return new Promise<never>(() => {});
        commits++;
        if (at?.commit === commits && at.when === 'before') die();
        if (dead) return new Promise<never>(() => {});
        const results = await inner.commit(appends, barrier);
        if (at?.commit === commits) die();
        return unlessDead(Promise.resolve(results));
      },
      claim: (request) => (dead ? new Promise<never>(() => {}) : unlessDead(inner.claim(request))),
      due: (nowMs, limit) => (dead ? new Promise<never>(() => {}) : unlessDead(inner.due(nowMs, limit))),
      nextDueMs: () => (dead ? new Promise<never>(() => {}) : unlessDead(inner.nextDueMs())),
      watch: (call) => inner.watch(() => dead || call()),
      leave: async () => (dead ? undefined : inner.leave()),
    };
  }

  return {
    get dead() {
      return dead;
    },
    get commits() {
      return commits;
    },
    die,
    clock: (clock) => ({
      nowMs: clock.nowMs,
      monotonicMs: clock.monotonicMs,
      after: (ms, call) => clock.after(ms, () => dead || call()),
      soon: (call) => clock.soon(() => dead || call()),
    }),
    store(store) {
      return {
        ...store,
        async join(worker) {
          dying.push(() => store.kill(worker));
          return member(await store.join(worker));
        },
        post: (letters) => (dead ? new Promise<never>(() => {}) : store.post(letters)),
      };
    },
  };
}
