/** Every statement that is worked often, prepared once for each connection. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

const INFO = `SELECT s.id, s.stream, h.head, h.epoch, h.owner, h.last, w.worker, s.needs, s.format, s.meta, s.created, r.hash, c.hash AS summed
  FROM heads h JOIN streams s ON s.id = h.id LEFT JOIN workers w ON w.id = h.owner
  LEFT JOIN records r ON r.id = h.last LEFT JOIN checkpoints c ON c.stream = h.id`;

/** Which streams a worker can carry on: :format, and :has as a JSON array or null. */
const ABLE = `s.format <= :format AND (:has IS NULL OR s.needs = '' OR s.needs IN (SELECT value FROM json_each(:has)))`;

const TEXTS = {
  begin: 'BEGIN',
  beginWrite: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  totalChanges: 'SELECT total_changes() AS n',
  touch: `INSERT INTO site (name, value) VALUES ('touch', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1`,
  dataVersion: 'PRAGMA data_version',

  // appends
  lastRecord: 'SELECT max(id) AS id FROM records',
  place: `SELECT h.id, h.head, h.epoch, h.owner, h.last, r.n FROM streams s JOIN heads h ON h.id = s.id LEFT JOIN records r ON r.id = h.last WHERE s.stream = ?`,
  advance: 'UPDATE heads SET head = ?, last = ? WHERE id = ? AND head = ? AND epoch = ? AND last = ?',
  advanceLast: `UPDATE heads SET head = ?, last = ?, owner = ${-1} WHERE id = ? AND head = ? AND epoch = ? AND last = ?`,
  record:
    'INSERT INTO records (id, stream, prev, n, seq, count, epoch, header, payloads, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  mark: 'INSERT OR REPLACE INTO marks (stream, seq, record) VALUES (?, ?, ?)',
  createStream: 'INSERT OR IGNORE INTO streams (stream, needs, format, meta, created) VALUES (?, ?, ?, ?, ?)',
  bearStream:
    'UPDATE streams SET needs = ?, format = ?, meta = ?, created = ? WHERE stream = ? AND created IS NULL RETURNING id',
  createHead: 'INSERT INTO heads (id, head, epoch, owner, last) VALUES (?, ?, ?, ?, ?)',
  own: 'UPDATE heads SET owner = ? WHERE id = ?',
  endStream: `UPDATE heads SET owner = ${-1} WHERE id = ? AND owner <> ${-1}`,
  ownLetters: 'UPDATE letters SET owner = ? WHERE stream = ?',
  snapshot:
    'INSERT INTO snapshots (stream, seq, state) VALUES (?, ?, ?) ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, state = excluded.state',

  // letters
  streamId: 'SELECT id FROM streams WHERE stream = ?',
  nameStream: 'INSERT INTO streams (stream) VALUES (?)',
  send: `INSERT OR IGNORE INTO letters (stream, letter, due, owner, body) VALUES (?1, ?2, ?3, coalesce((SELECT owner FROM heads WHERE id = ?1), ${-1}), ?4)`,
  take: 'DELETE FROM letters WHERE stream = ? AND letter = ?',
  due: `SELECT s.stream, l.letter AS id, l.due AS dueMs, l.body FROM letters l JOIN streams s ON s.id = l.stream
    WHERE l.owner = ? AND l.due <= ? ORDER BY l.due, l.id LIMIT ?`,
  nextDue: 'SELECT min(l.due) AS due FROM letters l WHERE l.owner = ?',
  lettersOf: `SELECT l.letter AS id, l.due AS dueMs, l.body FROM letters l JOIN streams s ON s.id = l.stream WHERE s.stream = ? ORDER BY l.due, l.id`,

  // reads
  info: `${INFO} WHERE s.stream = ?`,
  infoById: `${INFO} WHERE h.id = ?`,
  recordAt: 'SELECT stream, prev, n, seq, count, epoch, header, payloads, hash FROM records WHERE id = ?',
  markFrom: 'SELECT seq, record FROM marks WHERE stream = ? AND seq >= ? ORDER BY seq LIMIT 1',
  log: `SELECT r.id AS place, s.stream, r.seq, r.count, r.epoch, r.header, r.payloads, r.hash
    FROM records r JOIN streams s ON s.id = r.stream WHERE r.id >= ? ORDER BY r.id LIMIT ?`,
  restored: `SELECT value FROM site WHERE name = 'restored'`,
  snapshotOf: 'SELECT n.seq, n.state FROM snapshots n JOIN streams s ON s.id = n.stream WHERE s.stream = ?',
  checkpointOf: 'SELECT c.seq, c.hash, c.text FROM checkpoints c JOIN streams s ON s.id = c.stream WHERE s.stream = ?',
  base: 'SELECT seq FROM checkpoints WHERE stream = ?',
  listAll: `${INFO} WHERE (s.created, s.stream) < (:created, :stream) AND substr(s.stream, 1, length(:prefix)) = :prefix
    ORDER BY s.created DESC, s.stream DESC LIMIT :limit`,
  listEnded: `${INFO} WHERE (s.created, s.stream) < (:created, :stream) AND substr(s.stream, 1, length(:prefix)) = :prefix AND h.owner = -1
    ORDER BY s.created DESC, s.stream DESC LIMIT :limit`,
  listOpen: `${INFO} WHERE h.owner >= 0 AND (s.created, s.stream) < (:created, :stream) AND substr(s.stream, 1, length(:prefix)) = :prefix
    ORDER BY s.created DESC, s.stream DESC LIMIT :limit`,

  // workers and claims
  workers: 'SELECT id, worker, lock, since, beat FROM workers ORDER BY id',
  joinWorker: 'INSERT INTO workers (worker, lock, since, beat) VALUES (?, ?, ?, ?)',
  beat: 'UPDATE workers SET beat = ? WHERE id = ?',
  unlockWorker: `UPDATE workers SET lock = '' WHERE id = ?`,
  forgetWorker: 'DELETE FROM workers WHERE id = ? AND NOT EXISTS (SELECT 1 FROM heads WHERE owner = workers.id)',
  ownedBy: `SELECT h.id, s.stream FROM heads h JOIN streams s ON s.id = h.id
    WHERE h.owner >= 0 AND h.owner = :owner AND ${ABLE} ORDER BY h.id LIMIT :limit`,
  freeDue: `SELECT l.stream AS id FROM letters l JOIN streams s ON s.id = l.stream
    WHERE l.owner = 0 AND l.due <= :now AND ${ABLE} GROUP BY l.stream ORDER BY min(l.due), min(l.id) LIMIT :limit`,
  named: `SELECT h.id, h.owner FROM heads h JOIN streams s ON s.id = h.id WHERE s.stream = :stream AND h.owner >= 0 AND ${ABLE}`,
  claim: 'UPDATE heads SET owner = ?, epoch = epoch + 1 WHERE id = ?',
} as const;

export type Statements = Record<keyof typeof TEXTS, StatementSync>;

export function prepareAll(db: DatabaseSync): Statements {
  const made: Partial<Statements> = {};
  for (const name of Object.keys(TEXTS) as (keyof typeof TEXTS)[]) made[name] = db.prepare(TEXTS[name]);
  return made as Statements;
}
