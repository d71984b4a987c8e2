/** The key stands for one request: another one under it is a mistake that must not be answered as if it were done. */
import { Fault } from '../../../base/index.ts';

export function usedBefore(): Fault {
  return new Fault('conflict', 'this Idempotency-Key was used for another request');
}

/** A word to a run under the caller's key, which is its id there. */
export async function underKey(key: string | undefined, say: () => Promise<void>): Promise<void> {
  try {
    await say();
  } catch (thrown) {
    if (key !== undefined && thrown instanceof Fault && thrown.detail?.['id'] === key) throw usedBefore();
    throw thrown;
  }
}
