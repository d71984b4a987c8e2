/** The protocol's own library: an optional peer, loaded when the first A2A agent is opened. */
import { missingPackage } from '../../../base/index.ts';

export type A2aClientLibrary = Awaited<ReturnType<typeof load>>;

async function load() {
  const [types, client, errors] = await Promise.all([
    import('@a2a-js/sdk'),
    import('@a2a-js/sdk/client'),
    import('@a2a-js/sdk/errors'),
  ]);
  return { types, client, errors };
}

export async function loadLibrary(): Promise<A2aClientLibrary> {
  return load().catch(missingPackage('an A2A agent', '@a2a-js/sdk'));
}

export async function loadGrpc() {
  const failed = missingPackage('an A2A agent over gRPC', '@grpc/grpc-js @bufbuild/protobuf');
  const [grpc, client] = await Promise.all([
    import('@grpc/grpc-js').catch(failed),
    import('@a2a-js/sdk/client/grpc').catch(failed),
  ]);
  return { grpc, client };
}
