/** The A2A door of a site as its configuration has it: mounted on the HTTP door, with gRPC on a port of its own. */
import { dirname, join } from 'node:path';
import { type Fault, toFault } from '../../base/index.ts';
import { createNet } from '../../ports/net/index.ts';
import { loadSiteKey } from '../../site/audit/index.ts';
import { realClock } from '../../site/clock.ts';
import type { CheckedConfig } from '../../site/config/schema.ts';
import type { DoorPlan } from '../../site/faults/index.ts';
import type { Pushes } from '../../site/pushes.ts';
import type { Site } from '../../site/site.ts';
import { createA2aDoor, type GrpcListening, listenGrpc } from '../a2a/index.ts';
import { openTokenFile } from '../guard/index.ts';
import type { HttpDoor, Mount } from '../http/index.ts';

export interface A2aOpening {
  mounts: Mount[];
  /** Called once the HTTP door listens. */
  open(url: string, door: HttpDoor): Promise<void>;
  close(): Promise<void>;
}

interface Given {
  config: CheckedConfig;
  tokenFile: string;
  tls: { cert: string; key: string } | undefined;
  /** Where agents of others tell of our tasks. */
  pushes: Pushes;
  onTrouble(fault: Fault): void;
  /** What goes wrong on purpose. */
  faults?: DoorPlan;
}

export async function openA2a(
  site: Site,
  { config, tokenFile, tls, pushes, onTrouble, faults }: Given,
): Promise<A2aOpening> {
  const { http, a2a } = config;
  const { allow = [], grpcPort, ...shown } = typeof a2a === 'object' ? a2a : {};
  const net = createNet({ allow });
  const folder = dirname(tokenFile);
  const door = await createA2aDoor({
    ...shown,
    site,
    clock: realClock,
    net,
    version: '1',
    key: loadSiteKey(join(folder, 'site.key')),
    pushFile: join(folder, 'a2a-push.json'),
    pushes,
    onTrouble: (thrown) => onTrouble(toFault(thrown, 'internal')),
  });
  let grpc: GrpcListening | undefined;
  return {
    mounts: door.mounts.map((mount) => ({ ...mount, audience: 'a2a', isOpen: door.isOpen })),
    async open(url, { guard }) {
      const { host = '127.0.0.1', publicUrl } = http === false ? {} : http;
      if (grpcPort !== undefined)
        grpc = await listenGrpc({
          library: door.library,
          handler: door.handler,
          tokens: openTokenFile(tokenFile, realClock),
          anonymous: undefined,
          audience: ['a2a'],
          clock: realClock,
          host,
          port: grpcPort,
          tls,
          guard,
          faults,
        });
      door.open({ url: publicUrl?.replace(/\/+$/, '') ?? url, grpc: grpc?.address, guard });
    },
    async close() {
      await door.close();
      await grpc?.close();
      net.close();
    },
  };
}
