/** Snapshots and erasing of runs that are held here; and what was still on its way to one that went on as another. */
import { type Clock, type Fault, toFault } from '../base/index.ts';
import { type CommandOf, stateToText } from '../model/index.ts';
import type { Store } from '../ports/store/index.ts';
import type { Committer } from './committer.ts';
import type { Host } from './host.ts';
import { loadRun } from './load.ts';
import { AGAIN_MS } from './starter.ts';

export interface UpkeepOptions {
  store: Store;
  clock: Clock;
  committer(): Committer;
  onTrouble(run: string | undefined, fault: Fault | undefined): void;
}

export interface Upkeep {
  makeSnapshot(host: Host): Promise<void>;
  erase(host: Host, command: CommandOf<'erase'>): Promise<void>;
  /** It has ended, and `next` carries it on: signals and cancels that it did not take any more are that one's. */
  passOn(run: string, next: string): Promise<void>;
}

export function createUpkeep({ store, clock, committer, onTrouble }: UpkeepOptions): Upkeep {
  /** From the journal, since the live state no longer holds what the code was given. */
  async function makeSnapshot(host: Host, snapshot: boolean | 'needed' = true): Promise<void> {
    host.snapshot = 'coming';
    const { erasures } = host;
    try {
      const rest = (): Promise<void> => new Promise((resolve) => clock.soon(resolve));
      const { state } = await loadRun(store, host.run, { rest, snapshot });
      if (erasures !== host.erasures) return;
      host.snapshot = { seq: state.head, state: stateToText(state) };
    } catch (thrown) {
      host.snapshot = 'none';
      onTrouble(host.run, toFault(thrown, 'store.io'));
    }
  }

  async function erase(host: Host, { seqs }: CommandOf<'erase'>): Promise<void> {
    try {
      await store.erase(host.run, seqs);
      if (host.gone) return;
      host.erasures++;
      if ((await store.snapshot(host.run)) !== null || host.snapshot !== 'none') await makeSnapshot(host, 'needed');
      if (host.gone) return;
      committer().add(host, true);
      committer().flush();
    } catch (thrown) {
      onTrouble(host.run, toFault(thrown, 'store.io'));
      clock.after(AGAIN_MS, () => {
        if (!host.gone) void erase(host, { do: 'erase', seqs });
      });
    }
  }

  async function passOn(run: string, next: string): Promise<void> {
    try {
      const words = (await store.letters(run)).filter(({ id }) => /^(?:signal|cancel):/.test(id));
      if (words.length > 0) await store.post(words.map(({ id, body }) => ({ to: next, id, dueMs: 0, body })));
    } catch (thrown) {
      onTrouble(run, toFault(thrown, 'store.io'));
    }
  }

  return { makeSnapshot, erase, passOn };
}
