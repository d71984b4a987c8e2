/** The protocol's own library: an optional peer, loaded when the door is opened. */
import { missingPackage } from '../../base/index.ts';

export type A2aLibrary = Awaited<ReturnType<typeof load>>;
export type A2aGrpc = Awaited<ReturnType<typeof loadGrpc>>;

async function load() {
  const [types, server, errors, legacy] = await Promise.all([
    import('@a2a-js/sdk'),
    import('@a2a-js/sdk/server'),
    import('@a2a-js/sdk/errors'),
    import('@a2a-js/sdk/compat/v0_3/server'),
  ]);
  return { types, server, errors, legacy };
}

export async function loadLibrary(): Promise<A2aLibrary> {
  return load().catch(missingPackage('the A2A door', '@a2a-js/sdk'));
}

/** Whether the door could be opened: for whoever opens it only where that is so. */
export async function hasA2aLibrary(): Promise<boolean> {
  return load().then(
    () => true,
    () => false,
  );
}

export async function loadGrpc() {
  const failed = missingPackage('gRPC', '@grpc/grpc-js @bufbuild/protobuf');
  const [grpc, binding] = await Promise.all([
    import('@grpc/grpc-js').catch(failed),
    import('@a2a-js/sdk/server/grpc').catch(failed),
  ]);
  return { grpc, binding };
}
