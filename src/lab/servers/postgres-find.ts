/** Finds PostgreSQL's programs and the user they may run as. */
import { execFile } from 'node:child_process';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Fault } from '../../base/index.ts';

const exec = promisify(execFile);
const ROOT = '/usr/lib/postgresql';

/** The directory with the newest version's programs; SKEIN_POSTGRES_BIN names another. */
export async function findPostgres(): Promise<string> {
  const named = process.env['SKEIN_POSTGRES_BIN'];
  if (named) return named;
  const versions = (await readdir(ROOT).catch(() => []))
    .filter((name) => /^\d+$/.test(name))
    .sort((a, b) => Number(b) - Number(a));
  for (const version of versions) {
    const bin = join(ROOT, version, 'bin');
    const there = await access(join(bin, 'initdb')).then(
      () => true,
      () => false,
    );
    if (there) return bin;
  }
  throw new Fault(
    'not-found',
    `no PostgreSQL server under ${ROOT}: install it (apt-get install postgresql) or set SKEIN_POSTGRES_BIN`,
  );
}

/** Why no server can be started here, or null. */
export async function whyNoPostgres(): Promise<string | null> {
  try {
    await findPostgres();
    await serverUser();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

export interface ServerUser {
  uid?: number;
  gid?: number;
  /** What a command line starts with to run as that user, without a process in between. */
  prefix: string[];
}

/** The server refuses to run as root: as root it runs as the user postgres. */
export async function serverUser(): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return { prefix: [] };
  try {
    const uid = Number((await exec('id', ['-u', 'postgres'])).stdout);
    const gid = Number((await exec('id', ['-g', 'postgres'])).stdout);
    return { uid, gid, prefix: ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'] };
  } catch (error) {
    throw new Fault('not-found', 'PostgreSQL does not run as root and there is no user `postgres` to run it as', {
      cause: error,
    });
  }
}

/** A key and a certificate for localhost that nobody has signed but itself. */
export async function makeCertificate(data: string, user: ServerUser): Promise<void> {
  const [key, cert] = [join(data, 'server.key'), join(data, 'server.crt')];
  const args = ['req', '-new', '-x509', '-days', '2', '-nodes', '-subj', '/CN=localhost', '-keyout', key, '-out', cert];
  await run('openssl', args, user);
}

export async function run(command: string, args: readonly string[], user: ServerUser): Promise<string> {
  const identity = user.uid === undefined ? {} : { uid: user.uid, gid: user.gid! };
  return (await exec(command, [...args], { cwd: '/', ...identity })).stdout;
}
