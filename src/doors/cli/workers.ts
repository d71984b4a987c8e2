/** Who is at the store: sites that stay (`skein up`, a program of the user's), and callers of the command line. */
import { randomBytes } from 'node:crypto';
import { shellWord } from '../../base/index.ts';
import type { Site } from '../../site/face.ts';

type WorkerInfo = Awaited<ReturnType<Site['store']['workers']>>[number];

/** `door`: asks and goes. `run`: works until its own run is over. */
type Caller = 'door' | 'run';

export function workerName(caller: Caller): string {
  return `${caller}_${process.pid}_${randomBytes(3).toString('hex')}`;
}

/** Those who will take up runs and letters, now and later. */
export function stayingWorkers(workers: readonly WorkerInfo[]): WorkerInfo[] {
  return workers.filter(({ worker, alive }) => alive && !/^(door|run)_\d+_/.test(worker));
}

/** Who hears what was just said to the run. */
export async function heardBy(store: Site['store'], run: string): Promise<string> {
  const workers = await store.workers();
  if (stayingWorkers(workers).length > 0) return 'the site is up and hears it now';
  if (workers.some(({ worker, alive }) => alive && worker.startsWith('run_')))
    return 'a `skein run` at this store hears it now';
  const [workflow = ''] = ((await store.info(run))?.needs ?? '').split('@');
  return `no worker is up: it will be heard at the next \`skein up\`, or by \`skein run ${shellWord(workflow)} --id ${shellWord(run)}\` (its file, if no configuration names it)`;
}
