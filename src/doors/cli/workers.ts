/** Who is at the store: sites that stay (`skein up`, a program of the user's), and callers of the command line. */
import { randomBytes } from 'node:crypto';
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

/** Who hears what was just said. */
export function heardBy(workers: readonly WorkerInfo[]): string {
  const staying = stayingWorkers(workers).length;
  if (staying > 0) return 'the site is up and hears it now';
  const running = workers.some(({ worker, alive }) => alive && worker.startsWith('run_'));
  return running
    ? 'a `skein run` at this store hears it now'
    : 'no worker is up: it will be heard at the next `skein up`';
}
