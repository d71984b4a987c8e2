/** Who wants to be told of which task. Kept in a file that only its owner can read: it holds others' secrets. */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '../../base/index.ts';

export interface PushEntry {
  task: string;
  id: string;
  context: string;
  url: string;
  token: string;
  scheme: string;
  credentials: string;
  /** The words it was asked in: 0.3 or 1.0. */
  version: string;
  /** Whoever asked for it. */
  by: string;
  /** The last event told. */
  told: number;
}

export interface PushBook {
  of(task: string): PushEntry[];
  tasks(): string[];
  put(entry: PushEntry): void;
  remove(task: string, id?: string): void;
}

/** Of one task, and of all: each costs a connection at every change. */
export const MAX_PUSHES_PER_TASK = 16;
export const MAX_PUSHES = 10_000;

export function createPushBook(path: string | undefined): PushBook {
  const entries = new Map<string, Map<string, PushEntry>>();
  if (path !== undefined && existsSync(path)) for (const entry of read(path)) place(entry);
  let count = [...entries.values()].reduce((sum, one) => sum + one.size, 0);

  function place(entry: PushEntry): void {
    const mine = entries.get(entry.task) ?? new Map<string, PushEntry>();
    mine.set(entry.id, entry);
    entries.set(entry.task, mine);
  }

  function save(): void {
    count = [...entries.values()].reduce((sum, one) => sum + one.size, 0);
    if (path === undefined) return;
    mkdirSync(dirname(path), { recursive: true });
    const part = `${path}.part`;
    const all = [...entries.values()].flatMap((mine) => Array.from(mine.values()));
    writeFileSync(part, JSON.stringify(all), { mode: 0o600 });
    chmodSync(part, 0o600);
    renameSync(part, path);
  }

  return {
    of: (task) => [...(entries.get(task)?.values() ?? [])],
    tasks: () => [...entries.keys()],
    put(entry) {
      const mine = entries.get(entry.task);
      const isNew = mine?.has(entry.id) !== true;
      if (isNew && ((mine?.size ?? 0) >= MAX_PUSHES_PER_TASK || count >= MAX_PUSHES))
        throw new Fault('input.too-large', `at most ${MAX_PUSHES_PER_TASK} are told of one task`);
      place(entry);
      save();
    },
    remove(task, id) {
      const mine = entries.get(task);
      if (mine === undefined) return;
      if (id === undefined) mine.clear();
      else if (!mine.delete(id)) return;
      if (mine.size === 0) entries.delete(task);
      save();
    },
  };
}

function read(path: string): PushEntry[] {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as PushEntry[];
  } catch (cause) {
    throw new Fault('store.corrupt', `${path} cannot be read: move it away, and clients ask again to be told`, {
      cause,
    });
  }
}
