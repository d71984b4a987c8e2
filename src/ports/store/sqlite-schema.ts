/**
 * The file: what makes it ours, its tables, and how a connection to it is opened.
 *
 * Records stand in one rowid table in the order of commits: every commit fills the last pages, and no
 * index on (stream, seq) is touched (it doubled the pages of a commit: a third of the speed). Instead
 * each record names the record before it (`prev`), the head row names the last (`last`), and every
 * 64th record of a stream leaves a mark, so that any place in a long stream is near one.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { Fault } from '../../base/index.ts';
import { resultCode } from './sqlite-faults.ts';

/** 'Skei', in the file's header where others look for who owns it. */
export const APPLICATION_ID = 0x536b6569;
export const SCHEMA_VERSION = 1;

/** Owner of a stream that nobody owns, and of one that is ended; a worker's row id otherwise. */
export const NOBODY = 0;
export const ENDED = -1;

/** Names and rarely changed facts; a row without `created` stands for a stream that only has letters yet. */
const SCHEMA = `
CREATE TABLE streams (id INTEGER PRIMARY KEY, stream TEXT NOT NULL, needs TEXT, format INTEGER, meta TEXT, created INTEGER) STRICT;
CREATE UNIQUE INDEX streams_name ON streams (stream);
CREATE INDEX streams_created ON streams (created, stream);
CREATE TABLE heads (id INTEGER PRIMARY KEY, head INTEGER NOT NULL, epoch INTEGER NOT NULL, owner INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;
CREATE INDEX heads_owner ON heads (owner) WHERE owner >= 0;
CREATE TABLE records (id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, prev INTEGER NOT NULL, n INTEGER NOT NULL,
  seq INTEGER NOT NULL, count INTEGER NOT NULL, epoch INTEGER NOT NULL, header TEXT NOT NULL, payloads TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE TABLE marks (stream INTEGER NOT NULL, seq INTEGER NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (stream, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE letters (id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, letter TEXT NOT NULL, due INTEGER NOT NULL, owner INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX letters_name ON letters (stream, letter);
CREATE INDEX letters_due ON letters (owner, due);
CREATE TABLE snapshots (stream INTEGER PRIMARY KEY, seq INTEGER NOT NULL, state TEXT NOT NULL) STRICT;
CREATE TABLE checkpoints (stream INTEGER PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL, text TEXT NOT NULL) STRICT;
CREATE TABLE workers (id INTEGER PRIMARY KEY AUTOINCREMENT, worker TEXT NOT NULL, lock TEXT NOT NULL, since INTEGER NOT NULL, beat REAL NOT NULL) STRICT;
CREATE TABLE site (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
`;

/** Opens the file, making it when it is not there. Throws SQLite's own errors, busy included. */
export function openDatabase(path: string, cacheMb: number, maxMb?: number): DatabaseSync {
  mkdirSync(dirname(resolve(path)), { recursive: true });
  const fresh = !existsSync(path) || statSync(path).size === 0;
  if (!fresh) checkOurs(path);
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    // The schema is written before WAL is switched on, so the header of a store of ours always says so.
    if (fresh) makeSchema(db);
    checkMarks(path, marksOf(db));
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
      PRAGMA cache_size = ${-cacheMb * 1024}; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = ${64 << 20};`);
    if (maxMb !== undefined) db.exec(`PRAGMA max_page_count = ${Math.floor((maxMb * (1 << 20)) / 4096)}`);
    const mode = db.prepare('PRAGMA journal_mode').get() as { journal_mode: string };
    if (mode.journal_mode !== 'wal')
      throw new Fault('store.io', `${path}: the file system does not allow a write-ahead log (a network share?)`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function makeSchema(db: DatabaseSync): void {
  db.exec('BEGIN EXCLUSIVE');
  const made =
    (db.prepare('PRAGMA application_id').get() as { application_id: number }).application_id === APPLICATION_ID;
  if (!made) db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; ${SCHEMA}`);
  db.exec('COMMIT');
}

interface Marks {
  id: number;
  version: number;
}

function marksOf(db: DatabaseSync): Marks {
  return {
    id: (db.prepare('PRAGMA application_id').get() as { application_id: number }).application_id,
    version: (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version,
  };
}

/**
 * Looks at the header without a lock and without a log: a file that is not ours is left as it was. It is
 * read through SQLite, because closing a descriptor of our own would drop all locks this process has on it.
 */
function checkOurs(path: string): void {
  const url = pathToFileURL(resolve(path));
  url.search = '?immutable=1';
  const db = new DatabaseSync(url, { readOnly: true });
  try {
    checkMarks(path, marksOf(db));
  } catch (error) {
    // Between two steps of a checkpoint the file is whole only together with its log.
    if (resultCode(error) === 11) return;
    if (resultCode(error) !== 26) throw error;
    throw new Fault('store.foreign', `${path} is no SQLite file, or its header is damaged`, {
      cause: error,
      detail: { path },
    });
  } finally {
    db.close();
  }
}

function checkMarks(path: string, { id, version }: Marks): void {
  if (id !== APPLICATION_ID)
    throw new Fault('store.foreign', `${path} is an SQLite file of another program`, {
      detail: { path, applicationId: id },
    });
  if (version > SCHEMA_VERSION) throw newer(path, version);
}

function newer(path: string, version: number): Fault {
  return new Fault('store.newer', `${path} has store version ${version}; this Skein knows up to ${SCHEMA_VERSION}`, {
    detail: { path, version },
  });
}

/**
 * Writes and takes back a large row, so that the log has its size before the first commit: appending to
 * a file that need not grow makes every sync cheaper. The last connection to close deletes the log.
 */
export function growLog(db: DatabaseSync, path: string, bytes: number): void {
  const log = `${path}-wal`;
  if (bytes <= 0 || (existsSync(log) && statSync(log).size >= bytes)) return;
  const { cache_size: cache } = db.prepare('PRAGMA cache_size').get() as { cache_size: number };
  db.exec('PRAGMA cache_size = 64');
  try {
    db.exec('BEGIN IMMEDIATE');
    db.prepare('INSERT INTO site (name, value) VALUES (?, zeroblob(?))').run('grow', bytes);
  } catch {
    // A busy file or a full disk: it works without, only slower.
  } finally {
    if (db.isTransaction) db.exec('ROLLBACK');
    db.exec(`PRAGMA cache_size = ${cache}`);
  }
}
