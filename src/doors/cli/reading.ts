/** Reading a run from its store alone: what is there, or what comes, with no site of our own. */
import { setTimeout } from 'node:timers/promises';
import type { Site } from '../../site/face.ts';
import { type Watched, watchRun, type WatchOptions } from '../../site/watch.ts';
import { type SiteWatched, watchSite, type WatchSiteOptions } from '../../site/watch-site.ts';
import { look, newRunView, type RunView } from './progress/index.ts';

/** How late a new event may be seen: a reader hears of no commit. */
const LOOK_AGAIN_MS = 100;

async function aWhile(signal?: AbortSignal): Promise<void> {
  await setTimeout(LOOK_AGAIN_MS, undefined, { signal }).catch(() => {});
}

const byLooking = {
  more: (_run: string, signal?: AbortSignal) => aWhile(signal),
  any: (_atLeastMs: number, signal?: AbortSignal) => aWhile(signal),
};

export function eventsOf(store: Site['store'], run: string, options: WatchOptions = {}): AsyncIterable<Watched> {
  return watchRun(store, byLooking, run, options);
}

export function siteEventsOf(store: Site['store'], options: WatchSiteOptions = {}): AsyncIterable<SiteWatched> {
  return watchSite(store, byLooking, options);
}

/** `upTo`: as it was after this event. */
export async function viewOf(store: Site['store'], run: string, upTo = Infinity): Promise<RunView> {
  const view = newRunView(run);
  for await (const watched of eventsOf(store, run, { live: false })) {
    if (watched.seq > upTo) break;
    look(view, watched);
  }
  return view;
}

/** The ids of all steps that a run ever had: its state forgets those inside of settled ones. */
export async function stepsOf(store: Site['store'], run: string): Promise<Set<string>> {
  const steps = new Set<string>();
  for await (const { event } of eventsOf(store, run, { live: false }))
    // One that could never run was not asked for, and one that is renamed is not asked for again.
    if (event.type === 'step.asked' || event.type === 'step.skipped' || event.type === 'step.renamed')
      steps.add(event.step);
  return steps;
}
