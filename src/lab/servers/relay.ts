/** A TCP relay that can swallow what goes through it, as a cut network does. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Relay {
  port: number;
  /** Nothing goes through any more, either way; nobody is told. */
  cut(): void;
  /** What is asked goes through, what is answered does not. */
  cutAnswers(): void;
  /** New connections go through again. Those that were cut stay so, as their peers gave them up. */
  heal(): void;
  close(): Promise<void>;
}

export async function createRelay(toPort: number): Promise<Relay> {
  let state: 'open' | 'cut' | 'deaf' = 'open';
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const target = connect(toPort, '127.0.0.1');
    let lost = state === 'cut';
    for (const [from, to, answers] of [
      [client, target, false],
      [target, client, true],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('data', (chunk: Buffer) => {
        lost ||= state === 'cut' || (answers && state === 'deaf');
        if (!lost || (!answers && state === 'deaf')) to.write(chunk);
      });
      from.on('close', () => {
        sockets.delete(from);
        if (!lost) to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => (state = 'cut'),
    cutAnswers: () => (state = 'deaf'),
    heal: () => (state = 'open'),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
