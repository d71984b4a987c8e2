/** Reading a run from its store alone: what is there, or what comes, with no site of our own. */
import { setTimeout } from 'node:timers/promises';
import type { Site } from '../../site/face.ts';
import { type Watched, watchRun, type WatchOptions } from '../../site/watch.ts';
import { look, newRunView, type RunView } from './progress/index.ts';

/** How late a new event may be seen: a reader hears of no commit. */
const LOOK_AGAIN_MS = 100;

const byLooking = {
  async more(_run: string, signal?: AbortSignal): Promise<void> {
    await setTimeout(LOOK_AGAIN_MS, undefined, { signal }).catch(() => {});
  },
};

export function eventsOf(store: Site['store'], run: string, options: WatchOptions = {}): AsyncIterable<Watched> {
  return watchRun(store, byLooking, run, options);
}

export async function viewOf(store: Site['store'], run: string): Promise<RunView> {
  const view = newRunView(run);
  for await (const watched of eventsOf(store, run, { live: false })) look(view, watched);
  return view;
}
