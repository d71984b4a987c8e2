/** The A2A door by itself: its own guard, its own port. `skein up` mounts it beside the others instead. */
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { Fault } from '../../base/index.ts';
import type { DoorPlan } from '../../site/faults/index.ts';
import {
  createGuard,
  type GuardEnv,
  isWide,
  type Limits,
  listen,
  type ListenOptions,
  type TokenSource,
  withDoorFaults,
} from '../guard/index.ts';
import { type A2aDoor, type A2aDoorOptions, createA2aDoor } from './door.ts';
import { type GrpcListening, listenGrpc } from './grpc.ts';

export interface ServeA2aOptions extends A2aDoorOptions, ListenOptions {
  tokens: TokenSource;
  limits?: Partial<Limits>;
  /** Its address as others know it, where that is not the one it listens on. */
  publicUrl?: string;
  /** Listen for gRPC, too. */
  grpc?: { port?: number };
  /** Requests and calls that go wrong on purpose. */
  faults?: DoorPlan;
}

export interface A2aServing {
  url: string;
  /** `host:port` */
  grpc: string | undefined;
  door: A2aDoor;
  close(): Promise<void>;
}

export async function serveA2a(options: ServeA2aOptions): Promise<A2aServing> {
  const { tokens, clock, host = '127.0.0.1' } = options;
  const wide = await isWide(host);
  if (wide && options.anonymous !== undefined)
    throw new Fault('input.invalid', `'${host}' is reached from other machines: there every caller needs a token`);
  const door = await createA2aDoor(options);
  const audience = ['a2a', ...(options.publicUrl === undefined ? [] : [options.publicUrl])];
  const hosts = options.publicUrl === undefined ? [] : [new URL(options.publicUrl).host];
  const { limits } = options;
  const guard = createGuard({ tokens, audience, clock, limits, hosts, isWide: wide, isOpen: door.isOpen });
  const app = new Hono<GuardEnv>();
  app.use('*', guard.middleware);
  for (const mount of door.mounts) app.route(mount.path, mount.app);
  const { faults } = options;
  const fetch = (request: Request, env: HttpBindings) => app.fetch(request, env);
  const listening = await listen(faults === undefined ? fetch : withDoorFaults(fetch, faults, () => 'a2a'), options);
  let grpc: GrpcListening | undefined;
  try {
    if (options.grpc !== undefined) {
      const port = options.grpc.port ?? 0;
      const { handler, library } = door;
      const { anonymous, tls } = options;
      grpc = await listenGrpc({ library, handler, tokens, anonymous, audience, clock, host, port, tls, guard, faults });
    }
  } catch (thrown) {
    await listening.close();
    throw thrown;
  }
  door.open({ url: options.publicUrl ?? listening.url, grpc: grpc?.address, guard });
  return {
    url: listening.url,
    grpc: grpc?.address,
    door,
    async close() {
      await door.close();
      await Promise.all([listening.close(), grpc?.close()]);
    },
  };
}
