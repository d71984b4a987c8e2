/**
 * The starter keeps work coming: starts runs by id until so many are open, half of them from outside
 * (nobody's at first), half through a worker, and sends each the signal that it waits for. A start that
 * is not acknowledged is said again, elsewhere; only an acknowledged one is a promise.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SeededChance } from '../../base/index.ts';
import type { Site } from '../../site/site.ts';
import type { Crew } from './crew.ts';
import { type Errand, errand } from './flows.ts';

export interface StarterOptions {
  site: Site;
  crew: Crew;
  chance: SeededChance;
  /** Streams that are open at once. */
  load: number;
  onTrouble(text: string): void;
}

export interface Starter {
  /** Runs whose start was acknowledged, with their inputs. */
  readonly acknowledged: ReadonlyMap<string, Errand>;
  /** A worker says that it has started this run. */
  started(run: string): void;
  /** Starts no more; resolves when every start and signal is acknowledged. */
  end(): Promise<void>;
}

const LOOK_MS = 25;
/** A worker that does not answer for so long is taken for dead. */
const ANSWER_MS = 1500;

export function startStarter({ site, crew, chance, load, onTrouble }: StarterOptions): Starter {
  const acknowledged = new Map<string, Errand>();
  const waiting = new Map<string, () => void>();
  const underway = new Set<Promise<void>>();
  let ending = false;
  let count = 0;

  async function byWorker(run: string, n: number): Promise<boolean> {
    const hands = crew.atWork().filter((hand) => hand.state === 'working');
    if (hands.length === 0) return false;
    const answered = new Promise<void>((heard) => waiting.set(run, heard));
    crew.tell(chance.pick(hands), { say: 'start', run, n });
    const late = sleep(ANSWER_MS).then(() => false);
    return Promise.race([answered.then(() => true), late]);
  }

  async function startOne(n: number): Promise<void> {
    const run = `errand-${n}`;
    const early = chance.yes(0.5);
    if (!(chance.yes(0.5) && (await byWorker(run, n))))
      await untilDone('start', () => site.start(errand, { n }, { id: run }));
    acknowledged.set(run, { n });
    if (!early) await sleep(chance.int(600));
    // Said twice, it is heard once.
    for (let i = 0; i < (n % 4 === 0 ? 2 : 1); i++)
      await untilDone('signal', () => site.signal(run, 'word', `word ${n}`, { id: `word-${n}` }));
  }

  async function untilDone(what: string, act: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await act();
        return;
      } catch (thrown) {
        onTrouble(`${what}: ${String(thrown)}`);
        await sleep(100);
      }
    }
  }

  async function keepComing(): Promise<void> {
    while (!ending) {
      const open = await site.store.list({ status: 'open', limit: load + 1 }).catch(() => null);
      const missing = open === null ? 0 : Math.min(8, load - open.length - underway.size);
      for (let i = 0; i < missing; i++) {
        const one = startOne(++count).finally(() => underway.delete(one));
        underway.add(one);
      }
      await sleep(LOOK_MS);
    }
  }
  const coming = keepComing();

  return {
    acknowledged,
    started(run) {
      waiting.get(run)?.();
      waiting.delete(run);
    },
    async end() {
      ending = true;
      await coming;
      while (underway.size > 0) await Promise.all(underway);
    },
  };
}
