/**
 * A private PostgreSQL server for tests and benches: a fresh cluster in a temporary directory, with
 * fsync on, on a free port (and a Unix socket, which is there across network namespaces).
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chown, mkdtemp, readFile } from 'node:fs/promises';
import { openSync, closeSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../base/index.ts';
import { createKeeper } from './keeper.ts';
import { findPostgres, makeCertificate, run, serverUser } from './postgres-find.ts';
import { killTree, signalTree } from './tree.ts';

export { whyNoPostgres } from './postgres-find.ts';

export interface PostgresServerOptions {
  /** Extra settings for the server, on top of the defaults of its version. */
  settings?: Record<string, string>;
  /** Runs the server in this network namespace, listening on `address` there. */
  namespace?: string;
  /** Default 127.0.0.1. */
  address?: string;
  /** With a certificate of its own making. */
  tls?: boolean;
  /** Clients of these addresses may connect, besides those of this host: `10.0.0.0/24`. */
  trust?: string;
  startTimeoutMs?: number;
}

export interface PostgresServer {
  /** Over TCP, as seen from the server's network namespace. */
  readonly url: string;
  /** Over the Unix socket: reaches it from any network namespace of this host. */
  readonly localUrl: string;
  readonly port: number;
  readonly dir: string;
  /** The server's certificate, with `tls`. */
  readonly certFile: string;
  pid(): number;
  /** SIGKILL to every process of the server at once: as a crash of its host, the disk cache kept. */
  kill(): Promise<void>;
  /** Stops every process where it stands (SIGSTOP). */
  pause(): Promise<void>;
  resume(): Promise<void>;
  start(): Promise<void>;
  /** An orderly stop: clients are cut off, work in hand is rolled back. */
  stop(): Promise<void>;
  /** Stops it and removes all its files. */
  close(): Promise<void>;
  log(): Promise<string>;
}

const DEFAULT_START_TIMEOUT_MS = 30_000;

export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const bin = await findPostgres();
  const user = await serverUser();
  const dir = await mkdtemp(join(tmpdir(), 'skein-pg-'));
  const data = join(dir, 'data');
  const logFile = join(dir, 'server.log');
  const address = options.address ?? '127.0.0.1';
  if (user.uid !== undefined) await chown(dir, user.uid, user.gid!);
  const keeper = createKeeper(
    'pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" && sleep 0.3\nrm -rf "$1"',
    [dir],
  );
  try {
    await run(join(bin, 'initdb'), ['-D', data, '-U', 'skein', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'], user);
  } catch (error) {
    await keeper.finish();
    throw error;
  }
  if (options.trust !== undefined) await appendFile(join(data, 'pg_hba.conf'), `host all all ${options.trust} trust\n`);
  const certFile = join(data, 'server.crt');
  if (options.tls === true) await makeCertificate(data, user);
  const port = await freePort();
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    if (child !== null && child.exitCode === null && child.signalCode === null) return;
    const settings = {
      listen_addresses: address,
      port: String(port),
      unix_socket_directories: dir,
      fsync: 'on',
      ssl: options.tls === true ? 'on' : 'off',
      ...options.settings,
    };
    const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    const log = openSync(logFile, 'a');
    const command =
      options.namespace === undefined
        ? [join(bin, 'postgres'), ...args]
        : ['ip', 'netns', 'exec', options.namespace, ...user.prefix, join(bin, 'postgres'), ...args];
    const identity = options.namespace === undefined && user.uid !== undefined ? { uid: user.uid, gid: user.gid! } : {};
    child = spawn(command[0]!, command.slice(1), {
      stdio: ['ignore', log, log],
      detached: true,
      cwd: dir,
      ...identity,
    });
    closeSync(log);
    child.on('error', () => {});
    child.unref();
    await ready(options.startTimeoutMs ?? DEFAULT_START_TIMEOUT_MS);
  }

  async function ready(timeoutMs: number): Promise<void> {
    const endMs = performance.now() + timeoutMs;
    for (;;) {
      const pidFile = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
      const lines = pidFile.split('\n');
      if (lines[0] === String(child!.pid) && lines[7]?.trim() === 'ready') return;
      if (child!.exitCode !== null || performance.now() > endMs) {
        const log = await readFile(logFile, 'utf8').catch(() => '');
        throw new Fault('internal', `PostgreSQL did not start: ${log.slice(-1500)}`, { detail: { dir } });
      }
      await sleep(20);
    }
  }

  async function gone(): Promise<void> {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    await once(child, 'exit');
  }

  const server: PostgresServer = {
    url: `postgres://skein@${address}:${port}/postgres`,
    localUrl: `postgres://skein@localhost:${port}/postgres?host=${encodeURIComponent(dir)}`,
    port,
    dir,
    certFile,
    pid: () => child?.pid ?? 0,
    async kill() {
      await killTree(server.pid());
      await gone();
    },
    async pause() {
      await signalTree(server.pid(), 'SIGSTOP');
    },
    async resume() {
      await signalTree(server.pid(), 'SIGCONT');
    },
    start,
    async stop() {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      await signalTree(server.pid(), 'SIGCONT');
      process.kill(server.pid(), 'SIGINT');
      await gone();
    },
    async close() {
      await server.stop().catch(() => {});
      await keeper.finish();
    },
    log: () => readFile(logFile, 'utf8'),
  };
  try {
    await start();
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
