/**
 * The file that holds a site's tokens, readable by its owner alone. The operator's token stands in it as it is,
 * so that programs of the same user find it; of all others only the hash does, and they are shown once.
 * What another process changes in it is seen within a second.
 */
import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { type Clock, Fault } from '../../base/index.ts';
import { realClock } from '../../site/clock.ts';
import { createToken, findToken, type Grant, hashToken, type KnownToken, type TokenSource } from './tokens.ts';

export interface TokenFile extends TokenSource {
  readonly path: string;
  find(token: string): Grant | undefined;
  /** The operator's own token. */
  operator(): string;
  list(): TokenEntry[];
  /** Makes a token and returns it: it cannot be read again. */
  add(entry: NewToken): string;
  /** A new token for the same name; the old one holds for `graceMs` more. */
  rotate(name: string, options?: { graceMs?: number }): string;
  remove(name: string): void;
}

export interface NewToken {
  name: string;
  rights: string[];
  /** Default: the name. */
  principal?: string;
  audience?: string[];
  untilMs?: number;
}

const entrySchema = z.strictObject({
  name: z.string().min(1),
  principal: z.string().min(1),
  rights: z.array(z.string().min(1)),
  audience: z.array(z.string().min(1)).optional(),
  untilMs: z.number().optional(),
  madeMs: z.number(),
  /** The token itself: only the operator's. */
  token: z.string().optional(),
  sha256: z.string().length(64),
});
const fileSchema = z.strictObject({ format: z.literal('skein-tokens/1'), tokens: z.array(entrySchema) });

type Entry = z.output<typeof entrySchema>;
export type TokenEntry = Omit<Entry, 'token' | 'sha256'>;

export const OPERATOR_NAME = 'operator';
/** The file is looked at again after this long. */
const LOOK_MS = 1_000;
/** While a token is rotated, who has the old one needs time to be told. */
const ROTATE_GRACE_MS = 60_000;

export function openTokenFile(path: string, clock: Clock = realClock): TokenFile {
  let entries: Entry[] = [];
  let known: KnownToken[] = [];
  let lookedMs = -Infinity;
  let stamp = '';

  if (!exists(path)) begin();
  look(true);

  function begin(): void {
    const entry = made({ name: OPERATOR_NAME, rights: ['*'] }, createToken());
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // Of several processes that begin at once, one file wins for all.
    const part = writePart([entry]);
    try {
      linkSync(part, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(part, { force: true });
    }
  }

  function made({ name, rights, principal, audience, untilMs }: NewToken, token: string): Entry {
    const entry: Entry = {
      name,
      principal: principal ?? name,
      rights,
      audience,
      untilMs,
      madeMs: clock.nowMs(),
      sha256: hashToken(token).toString('hex'),
    };
    if (name === OPERATOR_NAME) entry.token = token;
    return entry;
  }

  function writePart(all: readonly Entry[]): string {
    const part = `${path}.${process.pid}.${createToken().slice(-8)}.part`;
    const text = JSON.stringify({ format: 'skein-tokens/1', tokens: all }, null, 2);
    writeFileSync(part, `${text}\n`, { mode: 0o600, flag: 'wx', flush: true });
    chmodSync(part, 0o600);
    return part;
  }

  function save(all: Entry[]): void {
    renameSync(writePart(all), path);
    look(true);
  }

  function look(now = false): void {
    const nowMs = clock.monotonicMs();
    if (!now && nowMs - lookedMs < LOOK_MS) return;
    lookedMs = nowMs;
    const { mtimeMs, ino, size, mode } = statSync(path);
    const mark = `${mtimeMs} ${ino} ${size} ${mode}`;
    if (mark === stamp) return;
    entries = read(path, mode);
    stamp = mark;
    known = entries.map((one) => ({
      hash: Buffer.from(one.sha256, 'hex'),
      principal: { id: one.principal, rights: one.rights },
      audience: one.audience,
      untilMs: one.untilMs,
    }));
  }

  function named(name: string): Entry {
    look(true);
    const entry = entries.findLast((one) => one.name === name);
    if (entry === undefined) throw new Fault('not-found', `no token is named '${name}' in ${path}`);
    return entry;
  }

  return {
    path,
    find(token) {
      look();
      return findToken(known, token);
    },
    operator: () => named(OPERATOR_NAME).token!,
    list() {
      look(true);
      return entries.map(({ token: _token, sha256: _hash, ...entry }) => entry);
    },
    add(entry) {
      look(true);
      if (entries.some(({ name }) => name === entry.name))
        throw new Fault('conflict', `a token named '${entry.name}' is in ${path} already: rotate or remove it`);
      const token = createToken();
      save([...entries, made(entry, token)]);
      return token;
    },
    rotate(name, { graceMs = ROTATE_GRACE_MS } = {}) {
      const old = named(name);
      const token = createToken();
      const endsMs = Math.min(old.untilMs ?? Infinity, clock.nowMs() + graceMs);
      const kept = entries.filter((one) => one.name !== name && (one.untilMs ?? Infinity) > clock.nowMs());
      const { token: _token, ...ending } = { ...old, untilMs: endsMs };
      save([...kept, ...(graceMs > 0 ? [ending] : []), made(old, token)]);
      return token;
    },
    remove(name) {
      named(name);
      save(entries.filter((one) => one.name !== name));
    },
  };
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function read(path: string, mode: number): Entry[] {
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new Fault('input.invalid', `${path} holds the site's tokens and others may read it: chmod 600 ${path}`, {
      detail: { path },
    });
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).tokens;
  } catch (error) {
    // The cause would quote what stands in the file.
    const why = error instanceof z.ZodError ? z.prettifyError(error) : 'it is no JSON';
    throw new Fault('input.invalid', `${path} holds no tokens of Skein: ${why}`, { detail: { path } });
  }
}
