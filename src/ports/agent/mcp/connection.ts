/**
 * A connection to one server, made when it is first needed and again when it broke.
 *
 * C1  One at a time: callers that come while it is being made wait for the same.
 * C2  A server that has closed, was killed or has forgotten our session is connected to anew by the next call; a call
 *     that it never knew of (unknown session) is made again at once, any other is not.
 * C3  A server that let a call run out of time is asked for a sign of life; one that gives none is let go, and its
 *     process ended. So is one whose stream broke. One that answers, whatever it says, is there.
 * C4  A process that does not survive the question which wire it speaks is started again and spoken to in the old one,
 *     then and later, until it fails.
 * C5  Calls that are refused at one time are let in by one authorization: the others wait for it and try again.
 */
import type {
  Client,
  ClientCapabilities,
  FetchLike,
  OAuthClientProvider,
  Tool,
  Transport,
} from '@modelcontextprotocol/client';
import { createListening } from './listening.ts';
import { loadStdio, type McpLibrary } from './library.ts';
import { createStdioTransport } from './stdio.ts';
import { CONNECT_TIMEOUT_MS, type McpAgentOptions } from './options.ts';
import type { WayOut } from './way-out.ts';

const SIGN_OF_LIFE_MS = 5_000;
/** A page of an authorization server may send us round at most so often for one call. */
const AUTHORIZATIONS = 2;
const VERSION = '1';

export interface Connection {
  /** With a connected client. Throws what it throws, or why there is none. */
  use<T>(work: (client: Client) => Promise<T>): Promise<T>;
  /** The server has let a call run out of time. */
  doubt(): void;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  library: McpLibrary;
  agent: McpAgentOptions;
  wayOut: WayOut;
  capabilities: ClientCapabilities;
  /** Before it connects: what the server may ask of us. */
  prepare(client: Client): void;
  onTools(tools: readonly Tool[]): void;
}

interface Open {
  client: Client;
  transport: Transport;
}

/** The call never reached the server. */
export class Unconnected extends Error {}

export function createConnection(options: ConnectionOptions): Connection {
  const { library, agent, wayOut, capabilities } = options;
  const timeout = agent.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  let mode = modeOf(agent);
  let current: Promise<Open> | undefined;
  let doubting: Promise<Open> | undefined;
  let closed = false;
  let authorizing: Promise<void> | undefined;
  /** How often somebody has let us in. */
  let letIn = 0;

  async function connect(): Promise<Open> {
    for (let round = 0; ; round++) {
      const listening = createListening(wayOut.fetch);
      const transport = await createTransport(listening.fetch);
      const client = new library.Client(
        { name: 'skein', version: VERSION },
        {
          capabilities,
          versionNegotiation: { mode, probe: { timeoutMs: timeout } },
          inputRequired: { autoFulfill: false },
          listChanged: { tools: { onChanged: (error, tools) => void (error ?? options.onTools(tools ?? [])) } },
        },
      );
      options.prepare(client);
      const before = letIn;
      try {
        await client.connect(transport, { timeout });
        if ('url' in agent.server && client.getNegotiatedProtocolVersion()! < '2026') await listening.settled();
        return { client, transport };
      } catch (thrown) {
        const again =
          diedOfQuestion(thrown) || (round < AUTHORIZATIONS && (await authorized(transport, thrown, before)));
        await client.close().catch(() => {});
        if (again) continue;
        // It may be another one that is met next.
        mode = modeOf(agent);
        throw thrown;
      }
    }
  }

  /** C4. */
  function diedOfQuestion(thrown: unknown): boolean {
    if ('url' in agent.server || mode !== 'auto' || !library.SdkError.isInstance(thrown)) return false;
    if (thrown.code !== library.SdkErrorCode.EraNegotiationFailed) return false;
    mode = 'legacy';
    return true;
  }

  async function createTransport(fetch: FetchLike): Promise<Transport> {
    const { server, auth } = agent;
    if ('url' in server) {
      const { token, provider } = auth ?? {};
      const own = token === undefined ? undefined : { token: async () => token() };
      // Its type says less than the library wants: see options.ts.
      const authProvider = (provider as OAuthClientProvider | undefined) ?? own;
      return new library.StreamableHTTPClientTransport(new URL(server.url), {
        authProvider,
        requestInit: { headers: server.headers },
        fetch,
      });
    }
    const { getDefaultEnvironment } = await loadStdio();
    const env = { ...getDefaultEnvironment(), ...server.env };
    return createStdioTransport(library, { command: server.command, env, cwd: server.cwd });
  }

  /** Somebody was sent to a page to let us in, and has come back from it. */
  async function authorized(transport: Transport, thrown: unknown, before: number): Promise<boolean> {
    const { callback } = agent.auth ?? {};
    if (callback === undefined || !library.UnauthorizedError.isInstance(thrown)) return false;
    if (!(transport instanceof library.StreamableHTTPClientTransport)) return false;
    // Who let the first in has said nothing to the others if it failed: then each asks for itself.
    while (authorizing !== undefined) await authorizing.catch(() => {});
    if (letIn > before) return true;
    authorizing = callback().then((params) => transport.finishAuth(params));
    try {
      await authorizing;
      letIn++;
      return true;
    } finally {
      authorizing = undefined;
    }
  }

  function open(): Promise<Open> {
    if (closed) return Promise.reject(new Unconnected('the agent is closed'));
    if (current !== undefined) return current;
    const opening = connect().then((made) => {
      // The library's callbacks are single: ours comes after its own.
      const before = made.client.onclose;
      Object.assign(made.client, {
        onclose: () => {
          before?.();
          forget(opening);
        },
        // A stream that broke: its call would wait for its deadline if the server is gone.
        onerror: (error: unknown) => void (isAnswer(error) || doubt(opening)),
      });
      return made;
    });
    current = opening;
    opening.catch(() => forget(opening));
    return opening;
  }

  function forget(which: Promise<Open>): void {
    if (current === which) current = undefined;
  }

  async function letGo(which: Promise<Open> | undefined): Promise<void> {
    if (which === undefined) return;
    forget(which);
    await which.then(
      async ({ client }) => client.close(),
      () => {},
    );
  }

  async function use<T>(work: (client: Client) => Promise<T>): Promise<T> {
    for (let round = 0; ; round++) {
      const used = open();
      const before = letIn;
      const { client, transport } = await used.catch((cause: unknown) => {
        throw new Unconnected('no connection', { cause });
      });
      try {
        return await work(client);
      } catch (thrown) {
        if (round < AUTHORIZATIONS && (await authorized(transport, thrown, before))) continue;
        // C2: a session that it does not know is one from before its restart.
        if (!isForgotten(thrown)) throw thrown;
        await letGo(used);
        if (round > 0) throw thrown;
      }
    }
  }

  /** It has answered: so it is there. */
  function isAnswer(thrown: unknown): boolean {
    if (library.UnauthorizedError.isInstance(thrown)) return true;
    return library.SdkHttpError.isInstance(thrown) && thrown.status !== undefined;
  }

  function isForgotten(thrown: unknown): boolean {
    return library.SdkHttpError.isInstance(thrown) && thrown.status === 404;
  }

  return {
    use,
    doubt: () => doubt(current),
    async close() {
      closed = true;
      await letGo(current).catch(() => {});
      wayOut.close();
    },
  };

  function doubt(doubted: Promise<Open> | undefined): void {
    if (doubted === undefined || doubting === doubted) return;
    doubting = doubted;
    void doubted
      .then(({ client }) => signOfLife(client))
      .catch((thrown: unknown) => (isAnswer(thrown) ? undefined : letGo(doubted).catch(() => {})))
      .finally(() => (doubting = undefined));
  }

  async function signOfLife(client: Client): Promise<void> {
    const asked = { timeout: SIGN_OF_LIFE_MS };
    // The 2026 revision has no ping: any answer will do, from the server and not from a cache.
    if (client.getNegotiatedProtocolVersion()! >= '2026')
      await client.listTools(undefined, { ...asked, cacheMode: 'bypass' });
    else await client.ping(asked);
  }
}

function modeOf({ revision = 'auto' }: McpAgentOptions): 'auto' | 'legacy' | { pin: string } {
  if (revision === 'auto') return 'auto';
  return revision === '2025-11-25' ? 'legacy' : { pin: revision };
}
