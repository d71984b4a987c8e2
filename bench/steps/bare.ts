/** The ceiling: async functions and nothing else. Nothing is kept, so it is no engine at all. */
import type { Runner } from './engine.ts';
import { runByLevels, stepIds } from './workloads.ts';

export const bare = (): Runner => ({
  name: 'bare async functions',
  kept: 'nothing',
  prepare(workload, work) {
    const ids = stepIds(workload);
    return () => runByLevels(ids, async (_id, input) => work(input));
  },
  close() {},
});
