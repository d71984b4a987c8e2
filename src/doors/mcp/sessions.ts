/**
 * Sessions of the 2025 revisions: one server and one transport each, in memory.
 *
 * S1  A session belongs to the principal that opened it. For anybody else it is not there.
 * S2  It ends by DELETE, after IDLE_MS without a request, or when the door closes.
 * S3  Their number is bounded, for each principal and for all; when no place is free, the one idle longest gives way,
 *     if nothing is under way in it.
 */
import type { McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import { type Clock, Fault } from '../../base/index.ts';
import type { Principal } from '../../model/index.ts';
import { authOf } from './caller.ts';
import { createEventLog } from './event-log.ts';
import type { McpLibrary } from './library.ts';

/** A host keeps its session while its window is open; a forgotten one costs memory. */
export const IDLE_MS = 3_600_000;
/** Each holds a server's tools and up to 256 messages: a few hundred kilobytes. */
export const MAX_SESSIONS = 256;
export const MAX_SESSIONS_EACH = 64;
/** A client whose stream was closed on purpose comes back after so long. */
const RETRY_MS = 1_000;
const KEEP_ALIVE_MS = 15_000;

interface Session {
  id: string;
  owner: string;
  transport: WebStandardStreamableHTTPServerTransport;
  usedMs: number;
  underWay: number;
}

export interface SessionsOptions {
  library: McpLibrary;
  clock: Clock;
  createServer(principal: Principal): McpServer | Promise<McpServer>;
}

export interface Sessions {
  fetch(request: Request, principal: Principal): Promise<Response>;
  close(): Promise<void>;
  readonly count: number;
}

export function createSessions({ library, clock, createServer }: SessionsOptions): Sessions {
  const sessions = new Map<string, Session>();

  async function fetch(request: Request, principal: Principal): Promise<Response> {
    const id = request.headers.get('mcp-session-id');
    if (id === null) {
      const body: unknown = request.method === 'POST' ? await readJson(request) : undefined;
      const first: unknown = Array.isArray(body) ? body[0] : body;
      if (!library.isInitializeRequest(first)) return refuse(400, -32_000, 'Bad Request: Mcp-Session-Id is required');
      return open(request, body, principal);
    }
    const session = sessions.get(id);
    // S1: it says no more about another's session than about one that never was.
    if (session === undefined || session.owner !== principal.id) return refuse(404, -32_001, 'Session not found');
    return handle(session, request, principal);
  }

  async function open(request: Request, parsedBody: unknown, principal: Principal): Promise<Response> {
    makeRoom(principal);
    const transport = new library.WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      eventStore: createEventLog(),
      retryInterval: RETRY_MS,
      keepAliveMs: KEEP_ALIVE_MS,
      onsessioninitialized(id) {
        sessions.set(id, { id, owner: principal.id, transport, usedMs: clock.monotonicMs(), underWay: 0 });
      },
      onsessionclosed(id) {
        sessions.delete(id);
      },
    });
    const server = await createServer(principal);
    await server.connect(transport);
    const response = await transport.handleRequest(request, { parsedBody, authInfo: authOf(principal) });
    if (transport.sessionId === undefined) await server.close();
    return response;
  }

  async function handle(session: Session, request: Request, principal: Principal): Promise<Response> {
    session.underWay++;
    session.usedMs = clock.monotonicMs();
    const done = (): void => {
      session.underWay--;
      session.usedMs = clock.monotonicMs();
    };
    let response: Response;
    try {
      response = await session.transport.handleRequest(request, { authInfo: authOf(principal) });
    } catch (thrown) {
      done();
      throw thrown;
    }
    // A stream is under way until its reader has gone.
    if (response.body === null || !isStream(response)) {
      done();
      return response;
    }
    return new Response(withEnd(response.body, done), { status: response.status, headers: response.headers });
  }

  function makeRoom(principal: Principal): void {
    const nowMs = clock.monotonicMs();
    for (const session of sessions.values())
      if (session.underWay === 0 && nowMs - session.usedMs > IDLE_MS) void end(session);
    const own = [...sessions.values()].filter((one) => one.owner === principal.id);
    if (own.length < MAX_SESSIONS_EACH && sessions.size < MAX_SESSIONS) return;
    const from = own.length < MAX_SESSIONS_EACH ? [...sessions.values()] : own;
    const idle = from.filter((one) => one.underWay === 0).toSorted((a, b) => a.usedMs - b.usedMs)[0];
    if (idle === undefined) throw new Fault('overloaded', 'too many sessions are open', { afterMs: RETRY_MS });
    void end(idle);
  }

  async function end(session: Session): Promise<void> {
    sessions.delete(session.id);
    await session.transport.close();
  }

  return {
    fetch,
    async close() {
      await Promise.all(Array.from(sessions.values(), end));
    },
    get count() {
      return sessions.size;
    },
  };
}

/** Undefined when it is no JSON: the transport says what is wrong with it. */
async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.clone().json();
  } catch {
    return undefined;
  }
}

function isStream(response: Response): boolean {
  return response.headers.get('content-type')?.startsWith('text/event-stream') === true;
}

function withEnd(body: ReadableStream<Uint8Array>, done: () => void): ReadableStream<Uint8Array> {
  let told = false;
  const tell = (): void => {
    if (!told) done();
    told = true;
  };
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done: ended, value } = await reader.read();
        if (!ended) return controller.enqueue(value);
        tell();
        controller.close();
      } catch (thrown) {
        tell();
        controller.error(thrown);
      }
    },
    async cancel(reason) {
      tell();
      await reader.cancel(reason);
    },
  });
}

export function refuse(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status });
}
