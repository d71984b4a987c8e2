/** Whose run it is: a run is there for who started it, and for who may read all. */
import { Fault } from '../../base/index.ts';
import { hasRight, type Principal, type RunState } from '../../model/index.ts';
import type { RunRow } from '../../site/runs.ts';
import type { Site } from '../../site/site.ts';

export const READ_RUNS = 'run:read';
export const START_RUNS = 'run:start';
export const READ_AGENTS = 'agent:read';

/** The run's state; another's run is not there. */
export async function readableState(site: Site, by: Principal, run: string): Promise<RunState> {
  const state = await site.state(run);
  if (state.phase !== 'new' && (state.by.id === by.id || hasRight(by, READ_RUNS))) return state;
  throw new Fault('not-found', `there is no run ${run}`);
}

export function isReadable(by: Principal, row: RunRow): boolean {
  return row.by === by.id || hasRight(by, READ_RUNS);
}

export function mayStart(by: Principal, workflow: string): boolean {
  return hasRight(by, START_RUNS) || hasRight(by, `${START_RUNS}:${workflow}`);
}

export function needRight(by: Principal, right: string, isThere = hasRight(by, right)): void {
  if (isThere) return;
  throw new Fault('rights.missing', `'${by.id}' lacks the right '${right}'`, { detail: { right } });
}
