/** gRPC: the same calls over HTTP/2, on a port of its own; its tokens come as metadata. */
import type { Metadata, Server } from '@grpc/grpc-js';
import type { A2ARequestHandler } from '@a2a-js/sdk/server';
import { type Clock, Fault } from '../../base/index.ts';
import type { Principal } from '../../model/index.ts';
import type { DoorPlan } from '../../site/faults/index.ts';
import { type Guard, judgeBearer, type TokenSource } from '../guard/index.ts';
import { withGrpcFaults, withRawReplies } from './grpc-faults.ts';
import { CALLER, TRACE } from './handler.ts';
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
  /** Of the door's other bindings: sizes, rates and places are counted together. */
  guard: Guard;
  /** Calls that go wrong on purpose. */
  faults?: DoorPlan;
}

export interface GrpcListening {
  /** `host:port`, as a card names it. */
  address: string;
  close(): Promise<void>;
}

const MAX_STREAMS = 128;
const CLOSE_MS = 2_000;

export async function listenGrpc(options: GrpcOptions): Promise<GrpcListening> {
  const { library, handler, tokens, audience, clock, host, anonymous, tls, guard } = options;
  const { admission } = guard;
  const { grpc, binding } = await loadGrpc();
  const { ServerCallContext } = library.server;

  /** The guard's order (G3 to G5); the port is the caller's own and says nothing of him. */
  async function judge(call: Call): Promise<Principal> {
    const address = call.getPeer().replace(/:\d+$/, '');
    admission.fromAddress(address);
    const header = call.metadata.get('authorization')[0]?.toString();
    if (header === undefined && anonymous !== undefined) return anonymous;
    try {
      const { principal } = await judgeBearer(header, { tokens, audience, clock });
      admission.ofPrincipal(principal);
      return principal;
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'token.refused') admission.tokenRefused(address);
      throw thrown;
    }
  }

  /** A stream holds its place until it is over, however it ends; a call until it is answered or given up. */
  function enter(call: Call, by: Principal, isStream: boolean): () => void {
    const leave = isStream ? admission.openStream(by) : admission.enter(by);
    for (const end of ['close', 'finish', 'cancelled', 'error'] as const) call.once(end, leave);
    return leave;
  }

  function refusalOf(thrown: unknown): { code: number; details: string } {
    const fault = thrown instanceof Fault ? thrown : new Fault('internal', 'something unforeseen went wrong');
    const isBusy = fault.code === 'rate.exceeded' || fault.code === 'overloaded';
    const code = isBusy ? grpc.status.RESOURCE_EXHAUSTED : grpc.status.UNAUTHENTICATED;
    return { code, details: `${fault.code}: ${fault.message}` };
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
        let leave = (): void => {};
        const reply =
          done &&
          ((error: unknown, ...rest: unknown[]) => {
            leave();
            done(error === null ? null : mended(error), ...rest);
          });
        try {
          const by = await judge(call);
          leave = enter(call, by, done === undefined);
          callers.set(call.metadata, by);
        } catch (thrown) {
          const error = refusalOf(thrown);
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
      const traceparent = call.metadata.get('traceparent')[0]?.toString();
      return { isAuthenticated: true, userName: by?.id ?? '', [CALLER]: by, [TRACE]: traceparent } as never;
    },
    contextBuilder: ({ extensions, user, requestedVersion, tenant }) =>
      new ServerCallContext({
        requestedExtensions: extensions,
        user,
        requestedVersion,
        tenant: tenant || undefined,
        state: new Map<string, unknown>([
          [CALLER, (user as unknown as { [CALLER]: Principal })[CALLER]],
          [TRACE, (user as unknown as { [TRACE]?: string })[TRACE]],
        ]),
      }),
  });

  const server = new grpc.Server({
    'grpc.max_receive_message_length': guard.limits.bodyBytes,
    'grpc.max_concurrent_streams': MAX_STREAMS,
  });
  const methods = options.faults === undefined ? binding.A2AService : withRawReplies(binding.A2AService);
  const own = guarded(service);
  const served = options.faults === undefined ? own : withGrpcFaults(own, binding.A2AService, options.faults, grpc);
  server.addService(methods, served as never);
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
type Call = {
  metadata: Metadata;
  getPeer(): string;
  emit(event: string, ...rest: unknown[]): boolean;
  once(event: string, heard: () => void): unknown;
};

function bind(server: Server, address: string, credentials: Parameters<Server['bindAsync']>[1]): Promise<number> {
  return new Promise((resolve, reject) =>
    server.bindAsync(address, credentials, (error, port) =>
      error === null
        ? resolve(port)
        : reject(new Fault('conflict', `cannot listen for gRPC on ${address}: ${error.message}`, { cause: error })),
    ),
  );
}
