/**
 * TLS on the way to the server, by the URL's `sslmode` and `sslrootcert` as libpq reads them. Done here
 * and not by the library, whose TLS sockets can end the process when a connection is given up.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { isIP, type Socket } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { Fault } from '../../base/index.ts';

const MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

export interface Tls {
  mode: (typeof MODES)[number];
  /** A file of certificates to trust instead of the system's. */
  rootFile: string | null;
}

/** Takes what is about TLS out of the URL's query. */
export function takeTls(query: URLSearchParams): Tls {
  const named = query.get('sslmode') ?? query.get('ssl') ?? 'disable';
  const rootFile = query.get('sslrootcert');
  for (const name of ['sslmode', 'ssl', 'sslrootcert']) query.delete(name);
  const mode =
    MODES.find((one) => one === named) ?? ({ true: 'require', false: 'disable', allow: 'prefer' } as const)[named];
  if (mode === undefined) throw new Fault('input.invalid', `sslmode=${named} is none of ${MODES.join(', ')}`);
  return { mode, rootFile: rootFile === 'system' ? null : rootFile };
}

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const YES = 'S';

/** Turns a fresh connection into one with TLS; `prefer` goes on without when the server has none. */
export async function encrypt(socket: Socket, { mode, rootFile }: Tls, host: string): Promise<Socket | TLSSocket> {
  socket.write(SSL_REQUEST);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  // More than one byte is somebody putting words in before the encryption begins.
  if (answer.length !== 1)
    throw new Fault('store.unreachable', 'the server answered the request for TLS with too much');
  if (answer.toString() !== YES) {
    if (mode === 'prefer') return socket;
    throw new Fault('store.unreachable', `the server has no TLS, and the URL says sslmode=${mode}`, { retry: 'never' });
  }
  const options: ConnectionOptions = { socket, rejectUnauthorized: mode === 'verify-ca' || mode === 'verify-full' };
  if (isIP(host) === 0) options.servername = host;
  else options.host = host;
  if (mode === 'verify-ca') options.checkServerIdentity = () => undefined;
  if (rootFile !== null) options.ca = await readFile(rootFile);
  const secure = connect(options);
  await once(secure, 'secureConnect');
  return secure;
}
