/** The way to the server: sockets that notice its end, found by the URL. */
import { connect, type Socket } from 'node:net';

/** An idle way that has died is noticed, on either side, after about four times this. */
export const KEEPALIVE_S = 5;

export interface Way {
  host: string[];
  port: number[];
  path?: string | undefined;
}

/** Tries the servers of a URL in turn, beginning with another one each time. */
export async function dial(to: Way, first: number, timeoutMs: number, sockets: Set<Socket>): Promise<Socket> {
  if (typeof to.path === 'string' && to.path !== '') return dialOne({ path: to.path }, timeoutMs, sockets);
  let failure: unknown;
  for (let i = 0; i < to.host.length; i++) {
    const at = (first + i) % to.host.length;
    try {
      return await dialOne({ host: to.host[at]!, port: to.port[at] ?? to.port[0]! }, timeoutMs, sockets);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function dialOne(
  to: { path: string } | { host: string; port: number },
  timeoutMs: number,
  sockets: Set<Socket>,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(to);
    const late = setTimeout(
      () => fail(Object.assign(new Error(`no connection within ${timeoutMs} ms`), { code: 'CONNECT_TIMEOUT' })),
      timeoutMs,
    );
    function fail(error: Error): void {
      clearTimeout(late);
      sockets.delete(socket);
      socket.destroy();
      reject(error);
    }
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEPALIVE_S * 1000);
    socket.once('error', fail);
    socket.once('close', () => sockets.delete(socket));
    socket.once('connect', () => {
      clearTimeout(late);
      socket.removeListener('error', fail);
      resolve(socket);
    });
  });
}

/** `?host=/directory` names a Unix socket's directory, as it does for libpq. */
export function splitUrl(text: string): { url: string; path?: string } {
  const cut = text.indexOf('?');
  if (cut < 0) return { url: text };
  const query = new URLSearchParams(text.slice(cut + 1));
  const dir = query.get('host');
  if (dir === null || !dir.startsWith('/')) return { url: text };
  query.delete('host');
  const port = new URL(text).port || '5432';
  return {
    url: query.size === 0 ? text.slice(0, cut) : `${text.slice(0, cut)}?${query}`,
    path: `${dir}/.s.PGSQL.${port}`,
  };
}
