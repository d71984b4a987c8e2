/** gRPC: the same calls over HTTP/2, on a port of its own; its tokens come as metadata. */
import type { Metadata, Server } from '@grpc/grpc-js';
import type { A2ARequestHandler } from '@a2a-js/sdk/server';
import { type Clock, Fault } from '../../base/index.ts';
import type { Principal } from '../../model/index.ts';
import { judgeBearer, type TokenSource } from '../guard/index.ts';
import { CALLER } from './handler.ts';
import { type A2aLibrary, loadGrpc } from './library.ts';

export interface GrpcOptions {
  library: A2aLibrary;
  handler: A2ARequestHandler;
  tokens: TokenSource;
  /** Who calls without a token; undefined: nobody may. */
  anonymous: Principal | undefined;
  audience: readonly string[];
  clock: Clock;
  host: string;
  port: number;
  tls?: { cert: string; key: string };
  maxBytes: number;
}

export interface GrpcListening {
  /** `host:port`, as a card names it. */
  address: string;
  close(): Promise<void>;
}

const MAX_STREAMS = 128;
const CLOSE_MS = 2_000;

export async function listenGrpc(options: GrpcOptions): Promise<GrpcListening> {
  const { library, handler, tokens, audience, clock, host, anonymous, tls } = options;
  const { grpc, binding } = await loadGrpc();
  const { ServerCallContext } = library.server;

  async function judge(metadata: Metadata): Promise<Principal> {
    const header = metadata.get('authorization')[0]?.toString();
    if (header === undefined && anonymous !== undefined) return anonymous;
    return (await judgeBearer(header, { tokens, audience, clock })).principal;
  }

  /** The library's table has another code for this one than the standard. */
  function mended(error: unknown): unknown {
    const { code, details } = error as { code?: number; details?: string };
    const isVersion = code === grpc.status.FAILED_PRECONDITION && details?.includes('protocol version') === true;
    return isVersion ? Object.assign(error as object, { code: grpc.status.UNIMPLEMENTED }) : error;
  }

  /** Refused calls are told so in gRPC's own code, before the binding sees them. */
  function guarded(service: object): typeof service {
    const out: Record<string, unknown> = {};
    for (const [name, work] of Object.entries(service) as [string, (call: Call, done?: Done) => unknown][])
      out[name] = async (call: Call, done?: Done) => {
        const emit = call.emit.bind(call);
        call.emit = (event, ...rest) => emit(event, ...(event === 'error' ? rest.map(mended) : rest));
        const reply =
          done && ((error: unknown, ...rest: unknown[]) => done(error === null ? null : mended(error), ...rest));
        try {
          callers.set(call.metadata, await judge(call.metadata));
        } catch (thrown) {
          const fault = thrown instanceof Fault ? thrown : new Fault('internal', 'something unforeseen went wrong');
          const error = { code: grpc.status.UNAUTHENTICATED, details: `${fault.code}: ${fault.message}` };
          return reply === undefined ? call.emit('error', error) : reply(error);
        }
        return work(call, reply);
      };
    return out;
  }

  const callers = new WeakMap<Metadata, Principal>();
  const service = binding.grpcService({
    requestHandler: handler,
    userBuilder: async (call) => {
      const by = callers.get(call.metadata);
      return { isAuthenticated: true, userName: by?.id ?? '', [CALLER]: by } as never;
    },
    contextBuilder: ({ extensions, user, requestedVersion, tenant }) =>
      new ServerCallContext({
        requestedExtensions: extensions,
        user,
        requestedVersion,
        tenant: tenant || undefined,
        state: new Map([[CALLER, (user as unknown as { [CALLER]: Principal })[CALLER]]]),
      }),
  });

  const server = new grpc.Server({
    'grpc.max_receive_message_length': options.maxBytes,
    'grpc.max_concurrent_streams': MAX_STREAMS,
  });
  server.addService(binding.A2AService, guarded(service) as never);
  const credentials =
    tls === undefined
      ? grpc.ServerCredentials.createInsecure()
      : grpc.ServerCredentials.createSsl(null, [
          { cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) },
        ]);
  const port = await bind(server, `${host}:${options.port}`, credentials);
  return {
    address: `${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.forceShutdown(), CLOSE_MS);
        server.tryShutdown(() => {
          clearTimeout(cut);
          resolve();
        });
      }),
  };
}

type Done = (error: unknown, ...rest: unknown[]) => void;
type Call = { metadata: Metadata; emit(event: string, ...rest: unknown[]): boolean };

function bind(server: Server, address: string, credentials: Parameters<Server['bindAsync']>[1]): Promise<number> {
  return new Promise((resolve, reject) =>
    server.bindAsync(address, credentials, (error, port) =>
      error === null
        ? resolve(port)
        : reject(new Fault('conflict', `cannot listen for gRPC on ${address}: ${error.message}`, { cause: error })),
    ),
  );
}
