/** Tasks of a site: a task is a run. What is not the caller's is not there. */
import type { ListTasksRequest, ListTasksResponse, Task } from '@a2a-js/sdk';
import { Fault } from '../../base/index.ts';
import { hasRight, type Principal } from '../../model/index.ts';
import type { RunRow } from '../../site/runs.ts';
import type { Site } from '../../site/site.ts';
import type { A2aLibrary } from './library.ts';
import { createTaskView, type TaskView } from './view.ts';

/** Ids of runs that A2A began. */
export const TASK_PREFIX = 'a2a';
/** Who may see tasks of others. */
export const READ_TASKS = 'run:read';
const DEFAULT_PAGE = 50;
const MAX_PAGE = 100;
/** A listing folds journals: older tasks than these are found by their id only. */
const MAX_LISTED = 1_000;
/** A run that was carried on as new this often is followed no further at once. */
const MAX_FOLLOWED = 64;

export interface Found {
  view: TaskView;
  by: string | undefined;
  workflow: string;
}

export interface Tasks {
  /** Throws `not-found` where there is none for this caller. */
  find(id: string, by: Principal, tenant: string): Promise<Found>;
  list(request: ListTasksRequest, by: Principal): Promise<ListTasksResponse>;
  /** The journal from its beginning, as it grows; ends when the run has ended. */
  follow(view: TaskView, options?: { live?: boolean; signal?: AbortSignal }): AsyncGenerator<Step, void, undefined>;
}

export type Step = ReturnType<TaskView['take']>;

export function createTasks(site: Site, library: A2aLibrary): Tasks {
  async function rowOf(id: string): Promise<RunRow | undefined> {
    const { runs } = await site.runs({ prefix: id, limit: 8 });
    return runs.find((row) => row.run === id);
  }

  function isSeen(row: RunRow, by: Principal, tenant: string): boolean {
    if (tenant !== '' && row.workflow !== tenant) return false;
    return row.by === by.id || hasRight(by, READ_TASKS);
  }

  async function* follow(
    view: TaskView,
    { live = true, signal }: { live?: boolean; signal?: AbortSignal } = {},
  ): AsyncGenerator<Step, void, undefined> {
    for await (const watched of site.watch(view.ids.id, { after: view.seq, live, signal })) yield view.take(watched);
  }

  async function read(row: RunRow): Promise<TaskView> {
    const view = createTaskView(library, { id: row.run, contextId: row.door?.['context'] ?? row.run });
    for await (const _ of follow(view, { live: false }));
    return view;
  }

  /** A workflow that continues as new goes on in the next run: the task shows where it stands there. */
  async function readOn(row: RunRow): Promise<TaskView> {
    let view = await read(row);
    for (let i = 0; i < MAX_FOLLOWED && view.state.outcome === 'continued' && view.state.next !== undefined; i++) {
      const next = await rowOf(view.state.next);
      if (next === undefined) break;
      view = await read({ ...next, door: { context: view.ids.contextId } });
    }
    return view;
  }

  async function list(request: ListTasksRequest, by: Principal): Promise<ListTasksResponse> {
    const pageSize = request.pageSize ?? DEFAULT_PAGE;
    if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > MAX_PAGE)
      throw new Fault('input.invalid', `pageSize is a number from 1 to ${MAX_PAGE}, not ${pageSize}`);
    const since = sinceOf(request.statusTimestampAfter);
    const skip = request.pageToken === '' ? 0 : Number(request.pageToken);
    if (!Number.isInteger(skip) || skip < 0) throw new Fault('input.invalid', 'this pageToken was not given here');
    const all: Task[] = [];
    for (const row of await rows(by, request)) {
      const task = (await read(row)).task();
      if (request.status !== 0 && task.status?.state !== request.status) continue;
      if (since !== undefined && Date.parse(task.status?.timestamp ?? '') < since) continue;
      all.push(task);
    }
    all.sort((a, b) => (a.status!.timestamp! < b.status!.timestamp! ? 1 : -1));
    const tasks = all.slice(skip, skip + pageSize);
    const next = skip + tasks.length;
    return {
      tasks: tasks.map((task) => trimHistory(request.includeArtifacts ? task : { ...task, artifacts: [] }, request)),
      nextPageToken: next < all.length ? String(next) : '',
      pageSize,
      totalSize: all.length,
    };
  }

  async function rows(by: Principal, { tenant, contextId }: ListTasksRequest): Promise<RunRow[]> {
    const found: RunRow[] = [];
    const own = hasRight(by, READ_TASKS) ? undefined : by.id;
    let after: string | undefined;
    do {
      const page = await site.runs({ prefix: TASK_PREFIX, by: own, after, limit: MAX_PAGE });
      for (const row of page.runs) {
        if (row.door?.['kind'] !== 'a2a' || !isSeen(row, by, tenant)) continue;
        if (contextId === '' || row.door['context'] === contextId) found.push(row);
      }
      after = page.next;
    } while (after !== undefined && found.length < MAX_LISTED);
    return found;
  }

  return {
    async find(id, by, tenant) {
      const row = id === '' ? undefined : await rowOf(id);
      if (row === undefined || !isSeen(row, by, tenant)) throw new Fault('not-found', `there is no task ${id}`);
      return { view: await readOn(row), by: row.by, workflow: row.workflow };
    },
    list,
    follow,
  };
}

/** Undefined: all of it; 0: none; else the latest. */
export function trimHistory(task: Task, { historyLength }: { historyLength?: number | undefined }): Task {
  if (historyLength === undefined) return task;
  if (!Number.isInteger(historyLength) || historyLength < 0)
    throw new Fault('input.invalid', `historyLength is a whole number, not ${historyLength}`);
  return { ...task, history: historyLength === 0 ? [] : task.history.slice(-historyLength) };
}

function sinceOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const since = Date.parse(text);
  if (Number.isNaN(since)) throw new Fault('input.invalid', `'${text}' is no time: write 2026-01-31T12:00:00Z`);
  return since;
}
