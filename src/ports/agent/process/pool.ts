/** The processes of one agent: each works one call at a time, is kept for the next, and replaced when it dies. */
import { backoffMs, type Backoff, type Clock, Fault } from '../../../base/index.ts';
import type { ProcessWorker } from './worker.ts';

/** One that dies again and again without an answer is started ever less often. */
const RESTART: Backoff = { firstMs: 100, factor: 2, maxMs: 10_000 };
const DEATHS_BEFORE_WAITING = 3;
/** Calls that wait for a process; more are told to come back. */
const MAX_WAITING = 1_000;
const COME_BACK_MS = 1_000;
/** One that nobody needs is let go. */
const IDLE_MS = 60_000;

export interface Pool {
  use<T>(work: (worker: ProcessWorker) => Promise<T>, signal: AbortSignal): Promise<T>;
  close(): Promise<void>;
}

export function createPool(agent: string, clock: Clock, atOnce: number, start: () => Promise<ProcessWorker>): Pool {
  const idle = new Map<ProcessWorker, () => void>();
  const living = new Set<ProcessWorker>();
  const waiting: (() => void)[] = [];
  let busy = 0;
  let deaths = 0;
  let notBeforeMs = 0;
  let closed = false;

  function letGo(worker: ProcessWorker): void {
    idle.get(worker)?.();
    idle.delete(worker);
    worker.kill();
  }

  async function take(): Promise<ProcessWorker> {
    for (const [worker, stopTimer] of idle) {
      stopTimer();
      idle.delete(worker);
      if (worker.alive) return worker;
    }
    const leftMs = notBeforeMs - clock.monotonicMs();
    if (leftMs > 0)
      throw new Fault('agent.busy', `agent '${agent}': its process died ${deaths} times without an answer`, {
        afterMs: leftMs,
      });
    const worker = await start();
    living.add(worker);
    void forgetAtEnd(worker);
    return worker;
  }

  async function forgetAtEnd(worker: ProcessWorker): Promise<void> {
    await worker.ended;
    living.delete(worker);
    idle.get(worker)?.();
    idle.delete(worker);
  }

  function keep(worker: ProcessWorker): void {
    if (!worker.alive) return;
    if (closed) return worker.kill();
    idle.set(
      worker,
      clock.after(IDLE_MS, () => letGo(worker)),
    );
  }

  function noteDeath(): void {
    deaths++;
    if (deaths >= DEATHS_BEFORE_WAITING)
      notBeforeMs = clock.monotonicMs() + backoffMs(RESTART, deaths - DEATHS_BEFORE_WAITING + 1, 1);
  }

  async function turn(signal: AbortSignal): Promise<void> {
    if (busy < atOnce) {
      busy++;
      return;
    }
    if (waiting.length >= MAX_WAITING)
      throw new Fault('agent.busy', `agent '${agent}' has ${MAX_WAITING} calls waiting`, { afterMs: COME_BACK_MS });
    await new Promise<void>((next, failed) => {
      const aborted = (): void => {
        waiting.splice(waiting.indexOf(mine), 1);
        failed(signal.reason as Error);
      };
      const mine = (): void => {
        signal.removeEventListener('abort', aborted);
        next();
      };
      if (signal.aborted) return failed(signal.reason as Error);
      signal.addEventListener('abort', aborted, { once: true });
      waiting.push(mine);
    });
  }

  return {
    async use(work, signal) {
      if (closed) throw new Fault('agent.refused', `agent '${agent}' is closed`, { retry: 'elsewhere' });
      await turn(signal);
      try {
        const worker = await take();
        try {
          const result = await work(worker);
          deaths = 0;
          return result;
        } catch (thrown) {
          if (!signal.aborted && !(thrown instanceof Fault && worker.alive)) noteDeath();
          throw thrown;
        } finally {
          keep(worker);
        }
      } finally {
        // Whoever waits takes the place over.
        const next = waiting.shift();
        if (next === undefined) busy--;
        else next();
      }
    },
    async close() {
      closed = true;
      const all = [...living];
      for (const worker of all) letGo(worker);
      await Promise.all(all.map((worker) => worker.ended));
    },
  };
}
