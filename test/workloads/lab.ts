/** Where workloads run: one memory store, sites on it that may be killed, runs that are awaited. */
import { readFileSync } from 'node:fs';
import type { Clock } from '../../src/base/index.ts';
import type { AnyWorkflow } from '../../src/author/index.ts';
import type { RunState } from '../../src/model/index.ts';
import type { Agent } from '../../src/ports/agent/index.ts';
import { createMemoryStore, type MemoryStore } from '../../src/ports/store/memory.ts';
import { realClock } from '../../src/site/clock.ts';
import { loadRun } from '../../src/site/load.ts';
import { openSite, type Site, type SiteOptions } from '../../src/site/site.ts';

export interface Lab {
  store: MemoryStore;
  open(workflows: AnyWorkflow[], agents?: Agent[], options?: Partial<SiteOptions>): Promise<Site>;
  /** As by kill -9: from now on it does nothing, and the store knows it. */
  kill(site: Site): void;
  /** Waits until this holds of the run as its journal tells it. */
  until(run: string, what: string, holds: (state: RunState) => boolean): Promise<RunState>;
  close(): Promise<void>;
}

export interface Workload {
  name: string;
  /** What it is there to show. */
  about: string;
  /** Gives the runs it made. */
  run(lab: Lab): Promise<string[]>;
}

const PATIENCE_MS = 10_000;
const LOOK_MS = 3;

export function openLab(store: MemoryStore = createMemoryStore()): Lab {
  const sites = new Map<Site, { worker: string; die(): void }>();
  let count = 0;
  return {
    store,
    async open(workflows, agents = [], options = {}) {
      const worker = options.worker ?? `w${++count}`;
      const { clock, die } = mortalClock();
      const site = await openSite({ store, workflows, agents, clock, ...options, worker });
      sites.set(site, { worker, die });
      return site;
    },
    kill(site) {
      const { worker, die } = sites.get(site)!;
      sites.delete(site);
      die();
      store.kill(worker);
    },
    async until(run, what, holds) {
      for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += LOOK_MS) {
        const { state } = await loadRun(store, run, { snapshot: false });
        if (holds(state)) return state;
        await sleep(LOOK_MS);
      }
      throw new Error(`run ${run}: ${what} did not come in ${PATIENCE_MS} ms`);
    },
    async close() {
      for (const site of sites.keys()) await site.stop({ graceMs: 0 });
      sites.clear();
    },
  };
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The real clock, until it dies: then nothing is called back any more. */
function mortalClock(): { clock: Clock; die(): void } {
  let dead = false;
  const unlessDead = (call: () => void) => () => {
    if (!dead) call();
  };
  return {
    clock: {
      ...realClock,
      after: (ms, call) => realClock.after(ms, unlessDead(call)),
      soon: (call) => realClock.soon(unlessDead(call)),
    },
    die: () => (dead = true),
  };
}

/** Every type of event that src/model/events.ts names. */
export function eventTypes(): string[] {
  const text = readFileSync(new URL('../../src/model/events.ts', import.meta.url), 'utf8');
  return [...text.matchAll(/^ {2}type: '([a-z.]+)';$/gm)].map((match) => match[1]!);
}
