/** The MCP door of a site: over HTTP behind the guard, and over stdio for a host on the same machine. */
import type { Readable, Writable } from 'node:stream';
import { type Context, Hono } from 'hono';
import type { Clock } from '../../base/index.ts';
import type { Principal } from '../../model/index.ts';
import { realClock } from '../../site/clock.ts';
import { OPERATOR, type Site } from '../../site/site.ts';
import type { GuardEnv } from '../guard/index.ts';
import { createEndpoint } from './endpoint.ts';
import type { Endpoint } from './face.ts';
import { loadLibrary, loadStdio } from './library.ts';
import { createSiteServers } from './server.ts';

export interface McpDoorOptions {
  site: Site;
  clock?: Clock;
  onTrouble?: (thrown: unknown) => void;
}

export interface McpDoor {
  /** Mounted behind a guard: `app.route('/mcp', door.app)`. */
  readonly app: Hono<GuardEnv>;
  readonly endpoint: Endpoint;
  close(): Promise<void>;
}

export async function createMcpDoor({ site, clock = realClock, onTrouble }: McpDoorOptions): Promise<McpDoor> {
  const create = createSiteServers({ site, onTrouble });
  const endpoint = await createEndpoint({
    clock,
    createServer: (principal, _revision, library) => create(principal, library),
    onError: onTrouble,
  });
  const app = new Hono<GuardEnv>();
  app.all('/', (c: Context<GuardEnv>) => endpoint.fetch(c.req.raw, c.get('principal')));
  return { app, endpoint, close: () => endpoint.close() };
}

export interface McpStdioOptions extends Omit<McpDoorOptions, 'clock'> {
  /** Whoever started this process, if nobody else is named. */
  by?: Principal;
  stdin?: Readable;
  stdout?: Writable;
}

export interface McpStdioDoor {
  /** Resolves when the host has closed its end. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** Nothing else may write to stdout while it is open: it is the wire. */
export async function serveMcpStdio(options: McpStdioOptions): Promise<McpStdioDoor> {
  const { by = OPERATOR, stdin = process.stdin, stdout = process.stdout, onTrouble } = options;
  const create = createSiteServers(options);
  const library = await loadLibrary();
  const { serveStdio, StdioServerTransport } = await loadStdio();
  const closed = Promise.withResolvers<void>();
  const transport = new StdioServerTransport(stdin, stdout);
  const handle = serveStdio(() => create(by, library), { transport, onerror: onTrouble });
  stdin.once('end', () => closed.resolve());
  stdin.once('close', () => closed.resolve());
  return {
    closed: closed.promise,
    async close() {
      await handle.close();
      closed.resolve();
    },
  };
}
