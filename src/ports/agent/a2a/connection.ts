/** The way to an agent: a client of the protocol's own over the safe way out, in the binding that both speak. */
import type { Client, TransportFactory } from '@a2a-js/sdk/client';
import { Fault } from '../../../base/index.ts';
import { createNet, type Net } from '../../net/index.ts';
import { hostOf, readCard } from './card.ts';
import { type A2aClientLibrary, loadGrpc, loadLibrary } from './library.ts';
import { type A2aAgentOptions, CALL_MS } from './options.ts';
import type { AgentCard } from '@a2a-js/sdk';

export interface Connection {
  readonly library: A2aClientLibrary;
  readonly card: AgentCard;
  readonly client: Client;
  close(): void;
}

export async function connect(options: A2aAgentOptions): Promise<Connection> {
  const library = await loadLibrary();
  const net = createNet({
    // Whoever named this address meant it, inside or not; what the card names besides is judged.
    allow: [new URL(options.url).host, ...portsOf(options.url), ...(options.allow ?? [])],
    limits: { answerMs: CALL_MS, idleMs: CALL_MS, totalMs: Infinity },
    resolve: options.resolve,
  });
  try {
    const card = await readCard(options, net, library);
    const client = await clientOf(options, card, net, library);
    return { library, card, client, close: () => net.close() };
  } catch (thrown) {
    net.close();
    throw thrown;
  }
}

/** The default port is not written in a host. */
function portsOf(url: string): string[] {
  const { hostname, port, protocol } = new URL(url);
  return port === '' ? [`${hostname}:${protocol === 'https:' ? 443 : 80}`] : [];
}

async function clientOf(
  options: A2aAgentOptions,
  card: AgentCard,
  net: Net,
  { client }: A2aClientLibrary,
): Promise<Client> {
  const legacyCompat = { enabled: true };
  const fetchImpl = authorized(options, net);
  const spoken = new Set(card.supportedInterfaces.map((one) => one.protocolBinding));
  const wanted = (options.bindings ?? [...spoken]).filter((one) => spoken.has(one));
  const transports: TransportFactory[] = [
    new client.JsonRpcTransportFactory({ fetchImpl, legacyCompat }),
    new client.RestTransportFactory({ fetchImpl, legacyCompat }),
  ];
  if (wanted.includes('GRPC') && (wanted[0] === 'GRPC' || wanted.length === 1))
    transports.push(await grpcTransport(options, net));
  const possible = wanted.filter((one) => transports.some((transport) => transport.protocolName === one));
  if (possible.length === 0)
    throw new Fault(
      'agent.refused',
      `'${options.name}' speaks ${[...spoken].join(', ')}, and of that nothing that was asked for`,
    );
  const factory = new client.ClientFactory({ transports, preferredTransports: possible });
  return factory.createFromAgentCard(card);
}

/** Our token goes to the agent's own host. */
function authorized({ token, url }: A2aAgentOptions, net: Net) {
  const own = new URL(url).hostname;
  return async (to: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(to instanceof Request ? to.headers : undefined);
    for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
    const where = to instanceof Request ? to.url : String(to);
    if (token !== undefined && new URL(where).hostname === own) headers.set('authorization', `Bearer ${token()}`);
    return net.fetch(to, { ...init, headers });
  };
}

/**
 * gRPC dials by itself. In the clear it is given the address that was judged; with TLS the name, for its certificate
 * holds the name, and whoever leads that name elsewhere has no such certificate.
 */
async function grpcTransport({ token, url }: A2aAgentOptions, net: Net): Promise<TransportFactory> {
  const { grpc, client } = await loadGrpc();
  const own = new URL(url).hostname;
  return {
    protocolName: 'GRPC',
    async create(at, card) {
      const secure = at.startsWith('https:') || (!at.includes('://') && url.startsWith('https:'));
      const dial = await net.dial(at.includes('://') ? at : `${secure ? 'https' : 'http'}://${at}`);
      const metadata = grpc.credentials.createFromMetadataGenerator((_, done) => {
        const found = new grpc.Metadata();
        if (token !== undefined && hostOf(at) === own) found.set('authorization', `Bearer ${token()}`);
        done(null, found);
      });
      const target = secure
        ? `${dial.hostname}:${dial.port}`
        : `${dial.family === 6 ? `ipv6:[${dial.address}]` : `ipv4:${dial.address}`}:${dial.port}`;
      const factory = new client.GrpcTransportFactory({
        grpcChannelCredentials: secure ? grpc.credentials.createSsl() : grpc.credentials.createInsecure(),
        grpcCallOptions: { credentials: metadata },
      });
      return factory.create(target, card);
    },
  };
}
