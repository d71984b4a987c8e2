/** Runs of every sort: what replay, golden journals and snapshots are held against. */
import type { Workload } from './lab.ts';
import { dataWorkloads } from './data.ts';
import { plainWorkloads } from './plain.ts';
import { poisonWorkloads } from './poison.ts';
import { routedWorkloads } from './routed.ts';
import { takeoverWorkloads } from './takeover.ts';
import { troubleWorkloads } from './trouble.ts';
import { upkeepWorkloads } from './upkeep.ts';

export * from './lab.ts';

export const workloads: Workload[] = [
  ...plainWorkloads,
  ...troubleWorkloads,
  ...routedWorkloads,
  ...takeoverWorkloads,
  ...poisonWorkloads,
  ...dataWorkloads,
  ...upkeepWorkloads,
];
