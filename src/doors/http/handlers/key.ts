import { Fault } from '../../../base/index.ts';
import { usedBefore } from '../../guard/index.ts';

/** A word to a run under the caller's key, which is its id there. */
export async function underKey(key: string | undefined, say: () => Promise<void>): Promise<void> {
  try {
    await say();
  } catch (thrown) {
    if (key !== undefined && thrown instanceof Fault && thrown.detail?.['id'] === key)
      throw usedBefore('Idempotency-Key');
    throw thrown;
  }
}
