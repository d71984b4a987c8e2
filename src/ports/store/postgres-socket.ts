/** The way to the server: sockets that notice its end, found by the URL. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { encrypt, takeTls, type Tls } from './postgres-tls.ts';

/** An idle way that has died is noticed, on either side, after about four times this. */
export const KEEPALIVE_S = 5;

/** What the library reads from a URL. */
export interface Way {
  host: string[];
  port: number[];
  path?: string | undefined;
}

export interface Dial {
  tls: Tls;
  timeoutMs: number;
  /** Of several servers, the place of the one to begin with. */
  first: number;
  /** Every socket that is open, or about to be. */
  sockets: Set<Socket>;
}

/** Tries the servers of a URL in turn. */
export async function dial(to: Way, options: Dial): Promise<Socket> {
  if (typeof to.path === 'string' && to.path !== '') return dialOne({ path: to.path }, options);
  let failure: unknown;
  for (let i = 0; i < to.host.length; i++) {
    const at = (options.first + i) % to.host.length;
    try {
      return await dialOne({ host: to.host[at]!, port: to.port[at] ?? to.port[0]! }, options);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function dialOne(to: { path: string } | { host: string; port: number }, options: Dial): Promise<Socket> {
  const { tls, timeoutMs, sockets } = options;
  const raw = connect(to);
  sockets.add(raw);
  raw.on('error', ignore);
  raw.once('close', () => sockets.delete(raw));
  const late = setTimeout(
    () => raw.destroy(Object.assign(new Error(`no connection within ${timeoutMs} ms`), { code: 'CONNECT_TIMEOUT' })),
    timeoutMs,
  );
  try {
    await once(raw, 'connect');
    raw.setNoDelay(true);
    raw.setKeepAlive(true, KEEPALIVE_S * 1000);
    const socket = 'path' in to || tls.mode === 'disable' ? raw : await encrypt(raw, tls, to.host);
    if (socket !== raw) {
      sockets.delete(raw);
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    return deafToErrors(socket);
  } catch (error) {
    raw.destroy();
    throw error;
  } finally {
    clearTimeout(late);
  }
}

function ignore(): void {}

/** The library takes all listeners off a closed socket; an error after that would end the process. */
function deafToErrors(socket: Socket): Socket {
  const takeAll = socket.removeAllListeners.bind(socket);
  socket.on('error', ignore);
  socket.removeAllListeners = (event?: string | symbol) => {
    takeAll(event);
    socket.on('error', ignore);
    return socket;
  };
  return socket;
}

/** `?host=/directory` names a Unix socket's directory, as it does for libpq. */
export function splitUrl(text: string): { url: string; path?: string; tls: Tls } {
  const cut = text.indexOf('?');
  const query = new URLSearchParams(cut < 0 ? '' : text.slice(cut + 1));
  const bare = cut < 0 ? text : text.slice(0, cut);
  const tls = takeTls(query);
  const dir = query.get('host');
  const local = dir !== null && dir.startsWith('/');
  if (local) query.delete('host');
  const url = query.size === 0 ? bare : `${bare}?${query}`;
  return local ? { url, tls, path: `${dir}/.s.PGSQL.${new URL(bare).port || '5432'}` } : { url, tls };
}
