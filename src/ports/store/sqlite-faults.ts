/** What SQLite reports, in our words. */
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault, type FaultCode, errorText } from '../../base/index.ts';

/** Primary result codes: https://sqlite.org/rescode.html */
const CODES: Record<number, FaultCode> = {
  3: 'store.read-only', // PERM
  5: 'store.busy',
  6: 'store.busy', // LOCKED
  8: 'store.read-only',
  10: 'store.io',
  11: 'store.corrupt',
  13: 'store.full',
  14: 'store.io', // CANTOPEN
  15: 'store.busy', // PROTOCOL: locking went round too often
  17: 'store.busy', // SCHEMA
  26: 'store.foreign', // NOTADB
};

/** The primary result code of an SQLite error, or null for what is none. */
export function resultCode(thrown: unknown): number | null {
  const code = (thrown as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code & 0xff : null;
}

export function isBusy(thrown: unknown): boolean {
  const code = resultCode(thrown);
  return code === 5 || code === 6 || code === 15;
}

export function sqliteFault(thrown: unknown, path: string): Fault {
  if (thrown instanceof Fault) return thrown;
  const primary = resultCode(thrown);
  if (primary === null) {
    const code = (thrown as { code?: unknown } | null)?.code;
    if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return fault('store.read-only', thrown, path);
    if (code === 'ENOSPC' || code === 'EDQUOT') return fault('store.full', thrown, path);
    if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return fault('store.io', thrown, path);
    return fault('internal', thrown, path);
  }
  // Where there is no room for the log's index, SQLite only says that reading or writing failed.
  if (primary === 10 && isFull(path)) return fault('store.full', thrown, path);
  // CANTOPEN is also what a log says that may not be made.
  if (primary === 14 && !isWritable(path)) return fault('store.read-only', thrown, path);
  return fault(CODES[primary] ?? 'internal', thrown, path);
}

function isFull(path: string): boolean {
  try {
    return statfsSync(dirname(path)).bavail === 0;
  } catch {
    return false;
  }
}

function isWritable(path: string): boolean {
  try {
    if (existsSync(path)) accessSync(path, constants.W_OK);
    accessSync(dirname(path), constants.W_OK);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

function fault(code: FaultCode, thrown: unknown, path: string): Fault {
  const extended = (thrown as { errcode?: number }).errcode;
  return new Fault(code, `${path}: ${errorText(thrown)}`, {
    cause: thrown,
    detail: { path, ...(extended === undefined ? {} : { sqlite: extended }) },
  });
}
