/** The show: a worker process begins a run, is killed at the worst moment, and the site carries the run on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Site, Watched } from '../../src/index.ts';
import type { Door } from '../../src/doors/cli/door.ts';
import { showRun } from '../../src/doors/cli/progress/index.ts';
import { type Proof, proofsOf } from './proofs.ts';
import { linesOf } from './swarm.ts';

/** A machine so slow that this is not enough would be no fun to watch. */
const LIMIT_MS = 60_000;
const LOOK_MS = 10;
const SEEN_AFTER_MS = 400;

export interface Story {
  door: Door;
  site: Site;
  store: string;
  ledger: string;
  signal: AbortSignal;
}

export async function playStory({ door, site, store, ledger, signal }: Story): Promise<Proof[]> {
  const { paint } = door;
  const before = (await site.runs({ prefix: 'report-', limit: 1_000 })).runs.length;
  const run = `report-${before + 1}`;
  const until = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  const captions: string[] = [];
  const tell = (text: string): void => {
    captions.push(text);
    if (!door.terminal.draws) door.line(text);
  };
  const worker = work(store, ledger, run);
  const events: Watched[] = [];
  let killedAtMs = 0;
  let eventsAtKill = 0;
  try {
    tell(` ${paint('cyan', '▸')} worker ${worker.pid} begins the run; the site stands by`);
    const kill = async (): Promise<void> => {
      while (linesOf(ledger, 'published', `${run}:`) === 0) await sleep(LOOK_MS, undefined, { signal: until });
      // A moment to see it: the sink is slow to answer this worker.
      await sleep(SEEN_AFTER_MS, undefined, { signal: until });
      worker.kill('SIGKILL');
      killedAtMs = Date.now();
      eventsAtKill = events.length;
      tell(` ${paint('red', '✗')} kill -9: worker ${worker.pid} is gone, its call to the sink half way`);
    };
    const watch = async (): Promise<void> => {
      await untilThere(site, run, until);
      const seen = keep(site.watch(run, { signal: until }), ({ event, at }) => {
        if (event.type !== 'run.claimed' || event.epoch < 2) return;
        tell(` ${paint('green', '↻')} the site carries the run on, ${at - killedAtMs} ms after the kill`);
      });
      await showRun(door, run, seen, { captions });
    };
    await Promise.all([kill(), watch()]);
  } catch (thrown) {
    if (signal.aborted) return [];
    throw thrown;
  } finally {
    worker.kill('SIGKILL');
  }
  const [pid, fresh] = [worker.pid ?? 0, before === 0];
  return proofsOf({ store: site.store, run, events, ledger, pid, killedAtMs, eventsAtKill, fresh });

  async function* keep(source: AsyncIterable<Watched>, each: (watched: Watched) => void): AsyncGenerator<Watched> {
    for await (const watched of source) {
      events.push(watched);
      each(watched);
      yield watched;
    }
  }
}

function work(store: string, ledger: string, run: string): ChildProcess {
  const args = ['--no-warnings', join(import.meta.dirname, 'worker.ts'), store, ledger, run];
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function untilThere(site: Site, run: string, signal: AbortSignal): Promise<void> {
  while ((await site.store.info(run)) === null) await sleep(LOOK_MS, undefined, { signal });
}
