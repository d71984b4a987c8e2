/** Starts Restate's server from the binary inside its npm package, on loopback, and talks to it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createServer } from 'node:net';

export interface RestateServer {
  register(uri: string): Promise<void>;
  call(path: string, body: unknown): Promise<number>;
  close(): Promise<void>;
}

const READY_LIMIT_MS = 30_000;

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });

async function post(url: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Restate answered ${response.status}: ${text.slice(0, 200)}`);
  return text === '' ? undefined : JSON.parse(text);
}

export async function startServer(modules: string, dir: string): Promise<RestateServer> {
  const [ingress, admin, fabric] = [await freePort(), await freePort(), await freePort()];
  const binary = join(
    modules,
    'node_modules/@restatedev',
    `restate-server-${process.platform}-${process.arch}`,
    'bin/restate-server',
  );
  const child = spawn(binary, ['--no-logo', '--node-name', 'bench', '--base-dir', dir], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      RESTATE_DISABLE_TELEMETRY: 'true',
      DO_NOT_TRACK: '1',
      RESTATE_LISTEN_MODE: 'tcp',
      RESTATE_BIND_IP: '127.0.0.1',
      RESTATE_BIND_PORT: `${fabric}`,
      RESTATE_ADVERTISED_HOST: '127.0.0.1',
      RESTATE_INGRESS__BIND_PORT: `${ingress}`,
      RESTATE_ADMIN__BIND_PORT: `${admin}`,
      RESTATE_ADMIN__DISABLE_WEB_UI: 'true',
      RESTATE_LOG_FILTER: 'error',
    },
  });
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signal) => (ended = `its server ended: ${code ?? signal}`));

  const healthy = async (): Promise<void> => {
    const from = performance.now();
    const urls = [`http://127.0.0.1:${admin}/health`, `http://127.0.0.1:${ingress}/restate/health`];
    for (const url of urls) {
      while (
        !(await fetch(url).then(
          (response) => response.ok,
          () => false,
        ))
      ) {
        if (ended) throw new Error(`Restate did not start: ${ended}`);
        if (performance.now() - from > READY_LIMIT_MS) throw new Error('Restate was not ready in time');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  await healthy();

  return {
    register: async (uri) => void (await post(`http://127.0.0.1:${admin}/deployments`, { uri })),
    call: async (path, body) => (await post(`http://127.0.0.1:${ingress}${path}`, body)) as number,
    close: () =>
      new Promise((resolve) => {
        child.removeAllListeners('exit');
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}
