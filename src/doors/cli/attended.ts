/** Whether somebody works on a run that is followed: whoever waits for it hears when its site goes, and when one is back. */
import type { Site } from '../../site/face.ts';
import type { Door } from './door.ts';
import { stayingWorkers } from './workers.ts';

/** A site that was killed is missed after this long, or twice that. */
const LOOK_MS = 2_000;

export interface Attended extends Disposable {
  /** Under the picture of the run. */
  readonly captions: readonly string[];
}

/** `run`: the one that is followed now. */
export function sayWhenAlone(door: Door, store: Site['store'], run: () => string, captions: string[] = []): Attended {
  let isAlone = false;
  let isLooking = false;
  let caption: string | undefined;
  const timer = setInterval(() => void look(), LOOK_MS);
  timer.unref();

  async function look(): Promise<void> {
    // A store that is slow has one question at a time; one in trouble is told by whoever reads the events.
    if (isLooking) return;
    isLooking = true;
    const alone = await isUnattended(store, run()).catch(() => isAlone);
    isLooking = false;
    if (alone === isAlone) return;
    isAlone = alone;
    const text = alone
      ? 'no worker is up: it goes on at the next `skein up`; this waits for it'
      : 'a worker is up again';
    if (caption !== undefined) captions.splice(captions.indexOf(caption), 1);
    caption = alone ? door.paint('yellow', ` ${text}`) : undefined;
    if (caption !== undefined) captions.push(caption);
    if (!door.terminal.draws) door.note(text);
  }

  return { captions, [Symbol.dispose]: () => clearInterval(timer) };
}

/** An open run that no worker holds who is alive, and that none is there to take. */
export async function isUnattended(store: Site['store'], run: string): Promise<boolean> {
  const info = await store.info(run);
  if (info === null || info.status === 'ended') return false;
  const workers = await store.workers();
  return stayingWorkers(workers).length === 0 && !workers.some(({ worker, alive }) => alive && worker === info.owner);
}
