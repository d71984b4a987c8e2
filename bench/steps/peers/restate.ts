/**
 * Restate: its server as a second process with default settings, a service of `ctx.run` steps in
 * this one over HTTP/2, runs started through the ingress. Everything listens on loopback only.
 */
import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { startServer } from './restate-server.ts';
import { stepIds, type Work, type Workload } from '../workloads.ts';
import { measurePeer } from './peer.ts';

interface Context {
  run(name: string, action: () => number | Promise<number>): Promise<number>;
}
interface Restate {
  RestatePromise: { all(values: Promise<number>[]): Promise<number[]> };
  createEndpointHandler(options: { services: unknown[] }): Parameters<typeof createServer>[1];
  service(options: object): unknown;
}

const listen = (server: Http2Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

await measurePeer('@restatedev/restate-server', async ({ dir, load, modules }) => {
  const { RestatePromise, createEndpointHandler, service } = await load<Restate>('@restatedev/restate-sdk');
  const prepared: { workload: Workload; work: Work }[] = [];

  const steps = service({
    name: 'steps',
    handlers: {
      async work(ctx: Context, which: number): Promise<number> {
        const { workload, work } = prepared[which]!;
        let input = 0;
        for (const level of stepIds(workload)) {
          const value = input;
          const asked = level.map((id) => ctx.run(id, () => work(value)));
          // Its combinators only, so that it can replay the race: no Promise.all in a handler.
          input = asked.length === 1 ? await asked[0]! : Math.max(...(await RestatePromise.all(asked)));
        }
        return input;
      },
    },
  });
  const endpoint = createServer(createEndpointHandler({ services: [steps] }));
  const server = await startServer(modules, dir);
  await server.register(`http://127.0.0.1:${await listen(endpoint)}`);

  return {
    name: 'Restate',
    kept: 'synced each step',
    prepare(workload, work) {
      const which = prepared.push({ workload, work }) - 1;
      return () => server.call('/steps/work', which);
    },
    async close() {
      await server.close();
      endpoint.close();
    },
  };
});
