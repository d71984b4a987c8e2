/** What a run is made of when it is admitted: its first input, its code, and what the store is told of it. */
import { Fault, hashText } from '../base/index.ts';
import { type AnyWorkflow, needsOf } from '../author/index.ts';
import { type AdmitInput, type Event, JOURNAL_FORMAT } from '../model/index.ts';
import type { NewStream, Store } from '../ports/store/index.ts';

export interface Admission {
  input: AdmitInput;
  /** A fork: what it takes over from the run it came from. */
  carried?: Event[];
  /** A restore may have forgotten a run of this id: what that did may be done already. */
  restoredMs?: number;
  flow: AnyWorkflow | undefined;
  meta: NewStream;
}

export function findFlow(
  workflows: ReadonlyMap<string, AnyWorkflow>,
  name: string,
  version: string | undefined,
): AnyWorkflow | undefined {
  if (version !== undefined) return workflows.get(`${name}@${version}`);
  let found: AnyWorkflow | undefined;
  for (const flow of workflows.values()) if (flow.name === name) found = flow;
  return found;
}

/** A run of this id and workflow. Another's is refused: whoever starts it would take that one's outcome for its own. */
export async function isThere(store: Pick<Store, 'info'>, run: string, workflow: string): Promise<boolean> {
  const info = await store.info(run);
  if (info === null) return false;
  const { workflow: has } = JSON.parse(info.meta) as { workflow?: string };
  if (has === workflow) return true;
  const of = has === undefined ? 'is not a run' : `is a run of '${has}'`;
  throw new Fault('conflict', `'${run}' ${of}, and cannot be one of '${workflow}': start this under another id`, {
    detail: { run },
  });
}

export function planHash(flow: AnyWorkflow): string {
  return hashText(JSON.stringify(flow.plan)).slice(0, 22);
}

export function admission(
  input: AdmitInput,
  flow: AnyWorkflow | undefined,
  createdMs: number,
  door?: Record<string, string>,
): Admission {
  const meta = {
    workflow: input.workflow,
    version: input.version,
    by: input.by.id,
    parent: input.parent?.run,
    labels: input.labels,
    goal: input.goal,
    door,
  };
  return {
    input,
    flow,
    meta: {
      needs: needsOf({ name: input.workflow, version: input.version }),
      format: JOURNAL_FORMAT,
      meta: JSON.stringify(meta),
      createdMs,
    },
  };
}

/** `r_x` is followed by `r_x~2`, that by `r_x~3`. */
export function nextRunId(run: string): string {
  const cut = run.lastIndexOf('~');
  const turn = cut < 0 ? NaN : Number(run.slice(cut + 1));
  // Beyond that, one more is the same number.
  return Number.isSafeInteger(turn) ? `${run.slice(0, cut)}~${turn + 1}` : `${run}~2`;
}
