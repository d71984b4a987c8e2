/** Waiting, with a way out. */
import { type Backoff, backoffMs } from '../base/backoff.ts';

export function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const aborted = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', aborted);
      resolve();
    }, ms);
    signal?.addEventListener('abort', aborted, { once: true });
  });
}

/** A site that starts again is there in a second or two; one that is down for long is not asked all the time. */
const BACKOFF: Backoff = { firstMs: 100, factor: 2, maxMs: 5_000 };

/** Longer each time, and not in step with other callers. */
export function pauseMs(failures: number): number {
  return backoffMs(BACKOFF, failures + 1, Math.random());
}
