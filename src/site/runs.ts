/** Listing runs: what the store's list tells of each, and how the ended ones ended. */
import { decodeRecord, type RunOutcome } from '../model/index.ts';
import type { Store, StreamInfo } from '../ports/store/index.ts';

export const MAX_RUNS_LISTED = 1_000;
const RUNS_LISTED = 50;
/** A page ends here although it is not full: who looks for few among many goes on with `next`. */
const MAX_LOOKED_AT = 10_000;

export interface RunsOptions {
  status?: 'open' | 'ended';
  workflow?: string;
  /** Only runs that this principal started. */
  by?: string;
  /** Only runs whose id starts so. */
  prefix?: string;
  /** Continue after this run: `next` of the page before. */
  after?: string;
  limit?: number;
}

export interface RunRow {
  run: string;
  workflow: string;
  version: string;
  status: 'open' | 'ended';
  /** How it ended. */
  outcome?: RunOutcome;
  /** Its fault, where it ended with one. */
  fault?: string;
  by?: string;
  parent?: string;
  goal?: string;
  labels?: string[];
  /** What the door that took it keeps with it. */
  door?: Record<string, string>;
  createdMs: number;
  /** Events in its journal. */
  events: number;
  /** The worker that holds it now. */
  owner: string | null;
}

export interface RunList {
  runs: RunRow[];
  /** There may be more: give it as `after`. */
  next?: string;
}

export async function listRuns(store: Store, options: RunsOptions = {}): Promise<RunList> {
  const limit = Math.max(1, Math.min(MAX_RUNS_LISTED, options.limit ?? RUNS_LISTED));
  const { status, prefix, workflow, by } = options;
  const runs: RunRow[] = [];
  let { after } = options;
  for (let looked = 0; ; looked += limit) {
    if (looked >= MAX_LOOKED_AT) return { runs, next: after };
    const page = await store.list({ status, prefix, after, limit });
    for (const info of page) {
      after = info.stream;
      const row = await rowOf(store, info);
      if (row === undefined || (workflow !== undefined && row.workflow !== workflow)) continue;
      if (by !== undefined && row.by !== by) continue;
      runs.push(row);
      if (runs.length === limit) return { runs, next: after };
    }
    if (page.length < limit) return { runs };
  }
}

/** Undefined: there is no run of this id. */
export async function findRun(store: Store, run: string): Promise<RunRow | undefined> {
  const info = await store.info(run);
  return info === null ? undefined : rowOf(store, info);
}

/** What was known of a run when it was made; undefined: the stream is no run. */
export async function findKin(store: Store, stream: string): Promise<{ workflow: string; by?: string } | undefined> {
  const info = await store.info(stream);
  const meta = info === null ? undefined : parseMeta(info.meta);
  return meta?.workflow === undefined ? undefined : { workflow: meta.workflow, by: meta.by };
}

/** Undefined: the stream is no run. */
async function rowOf(store: Store, info: StreamInfo): Promise<RunRow | undefined> {
  const meta = parseMeta(info.meta);
  if (meta?.workflow === undefined) return undefined;
  const { workflow, version = '1', by, parent, goal, labels, door } = meta;
  const { stream: run, status, createdMs, head: events, owner } = info;
  const ended = status === 'ended' ? await endOf(store, info) : undefined;
  return { run, workflow, version, status, ...ended, by, parent, goal, labels, door, createdMs, events, owner };
}

interface RunMeta {
  workflow?: string;
  version?: string;
  by?: string;
  parent?: string;
  goal?: string;
  labels?: string[];
  door?: Record<string, string>;
}

function parseMeta(text: string): RunMeta | undefined {
  try {
    return JSON.parse(text) as RunMeta;
  } catch {
    return undefined;
  }
}

async function endOf(store: Store, info: StreamInfo): Promise<Pick<RunRow, 'outcome' | 'fault'>> {
  const [record] = await store.read(info.stream, { from: info.head - 1, limit: 1 });
  const turns = record === undefined ? [] : decodeRecord(record);
  for (const event of turns.flatMap((turn) => turn.events).toReversed())
    if (event.type === 'run.ended') return { outcome: event.outcome, fault: event.fault?.code };
  return {};
}
