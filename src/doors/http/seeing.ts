/** Which runs a caller may see: those it started, or all with `run:read`. Of others it hears that there are none. */
import { Fault } from '../../base/index.ts';
import { hasRight, type Principal } from '../../model/index.ts';
import { findRun, type RunRow } from '../../site/runs.ts';
import type { Site } from '../../site/site.ts';

export const READ = 'run:read';

export function isOwn(run: RunRow, by: Principal): boolean {
  return run.by === by.id;
}

/** The run, or `not-found`; with one of these rights it is there, too. */
export async function seenRun(site: Site, run: string, by: Principal, ...orWith: string[]): Promise<RunRow> {
  const row = await findRun(site.store, run);
  if (row !== undefined && (isOwn(row, by) || [READ, ...orWith].some((right) => hasRight(by, right)))) return row;
  throw new Fault('not-found', `there is no run ${run}`);
}

/** The same for a word to the run: the one that carries it on hears it, and one that is over hears nothing more. */
export async function openRun(site: Site, run: string, by: Principal, ...orWith: string[]): Promise<RunRow> {
  const row = await seenRun(site, run, by, ...orWith);
  if (row.status === 'open') return row;
  const next = row.outcome === 'continued' ? (await site.state(run)).next : undefined;
  if (next !== undefined) return openRun(site, next, by, ...orWith);
  throw new Fault('conflict', `run ${run} has ended: ${row.outcome ?? 'it is over'}`);
}
