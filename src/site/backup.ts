/**
 * Backup and restore. A restored store has forgotten what its runs did since the backup: every open run
 * is told so by a letter, and takes it before its next claim, so that no call which may have been made
 * already is made again unasked.
 */
import { type Clock, Fault } from '../base/index.ts';
import type { Input } from '../model/index.ts';
import { openStore, type Sent, type Store, type StreamInfo } from '../ports/store/index.ts';
import { realClock } from './clock.ts';

type Restored = Extract<Input, { in: 'restored' }>;

const LETTER = 'restored:';
const PAGE = 500;

/** A consistent copy of the store, while it is in use; `target` is an address of the same kind of store. */
export function backup(store: Store, target: string): Promise<void> {
  return store.backup(target);
}

/** Opens a copy that takes the place of the store it was made from. */
export async function openRestored(
  address: string,
  clock: Clock = realClock,
): Promise<{ store: Store; runs: string[] }> {
  const store = await openStore(address);
  return { store, runs: await markRestored(store, clock.nowMs()) };
}

/**
 * Tells a store, and every open run in it, that it was put back from a backup. Before any worker joins;
 * safe to repeat when it did not come to its end.
 */
export async function markRestored(store: Store, nowMs: number): Promise<string[]> {
  const alive = (await store.workers()).filter((worker) => worker.alive);
  if (alive.length > 0)
    throw new Fault('conflict', `workers are at this store already: ${alive.map((w) => w.worker).join(', ')}`);
  // Letters first: epochs that have risen are what makes a claim look for them.
  const letters: Sent[] = [];
  const id = `${LETTER}${nowMs}`;
  for await (const { stream } of openStreams(store)) {
    const body: Restored = { in: 'restored', restoredMs: nowMs, letter: id };
    letters.push({ to: stream, id, dueMs: 0, body: JSON.stringify(body) });
  }
  for (let i = 0; i < letters.length; i += PAGE) await store.post(letters.slice(i, i + PAGE));
  return store.markRestored(nowMs);
}

async function* openStreams(store: Store): AsyncGenerator<StreamInfo> {
  let after: string | undefined;
  for (;;) {
    const page = await store.list({ status: 'open', limit: PAGE, after });
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)!.stream;
  }
}

/** The letter of the last restore that this run has not taken yet. */
export async function restoredLetter(store: Store, run: string): Promise<Restored | undefined> {
  const letter = (await store.letters(run)).findLast(({ id }) => id.startsWith(LETTER));
  return letter === undefined ? undefined : { ...(JSON.parse(letter.body) as Restored), letter: letter.id };
}
