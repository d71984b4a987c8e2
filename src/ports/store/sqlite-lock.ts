/**
 * What proves a worker alive: a lock on a file of its own, held by the kernel for the process and let
 * go at its death, however it dies. The file is an empty SQLite database held by BEGIN EXCLUSIVE:
 * SQLite knows how to lock on every platform, and also tells connections of one process apart (a
 * plain POSIX lock would not). Whoever can read it knows that nobody holds it.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy } from './sqlite-faults.ts';

export interface WorkerLock {
  /** Names the file. */
  readonly token: string;
  /** Lets go, as the kernel would at our death; the file stays. */
  drop(): void;
}

/** The lock files of the store at `path` stand here. */
function fileOf(path: string, token: string): string {
  return join(`${path}.workers`, `${token}.lock`);
}

export function takeLock(path: string): WorkerLock {
  mkdirSync(`${path}.workers`, { recursive: true });
  const token = randomUUID();
  const db = new DatabaseSync(fileOf(path, token), { timeout: 0 });
  // With a journal in memory no second file is made.
  db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  return { token, drop: () => db.close() };
}

/** A file that is gone is held by nobody. */
export function isHeld(path: string, token: string): boolean {
  const file = fileOf(path, token);
  if (token === '' || !existsSync(file)) return false;
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    db.exec('SELECT count(*) FROM sqlite_master');
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    db.close();
  }
}

export function removeLock(path: string, token: string): void {
  if (token !== '') rmSync(fileOf(path, token), { force: true });
}

const ORPHAN_AFTER_MS = 60_000;

/** Removes files that no worker's row names: left by processes that died while they joined. */
export function sweepLocks(path: string, known: readonly string[]): void {
  for (const name of readdirSync(`${path}.workers`)) {
    const token = name.replace(/\.lock$/, '');
    const old =
      Date.now() - (statSync(fileOf(path, token), { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > ORPHAN_AFTER_MS;
    if (old && !known.includes(token) && !isHeld(path, token)) removeLock(path, token);
  }
}
