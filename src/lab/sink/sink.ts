/**
 * A counting sink behind HTTP on loopback, in this process or (run as a file) in its own. Keyed, it works
 * a key once; else as often as it is asked. What goes wrong next is told to it (`/next`): slow, silent,
 * lying, delivered twice, dead in the middle.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBook } from './book.ts';

export type Mishap =
  | { is: 'slow'; ms: number }
  /** The connection breaks before, or after the work. */
  | { is: 'cutBefore' | 'cutAfter' }
  /** The process ends before, or after the work. */
  | { is: 'dieBefore' | 'dieAfter' }
  /** Works and says it failed; or says it worked and did not. */
  | { is: 'sayFailed' | 'sayDone' }
  /** Refuses, and says truly that nothing was done. */
  | { is: 'refuse' }
  /** The network delivers the request twice. */
  | { is: 'twice' };

export type Place = 'work' | 'undo' | 'query';

export interface SinkOptions {
  keyed: boolean;
  file?: string;
  /** In this process: told of every request, before and after its work. */
  onWork?: (when: 'before' | 'after', key: string) => void;
  /** How this process ends, where it is one's own. */
  die?: () => void;
}

export interface Sink {
  readonly url: string;
  next(place: Place, mishap: Mishap): void;
  deeds(): ReturnType<ReturnType<typeof openBook>['deeds']>;
  close(): Promise<void>;
}

export async function openSink(options: SinkOptions): Promise<Sink> {
  const book = openBook(options.file);
  const mishaps: { place: Place; mishap: Mishap }[] = [];
  const die = options.die ?? (() => {});

  function nextFor(place: Place): Mishap | undefined {
    const at = mishaps.findIndex((one) => one.place === place);
    return at < 0 ? undefined : mishaps.splice(at, 1)[0]!.mishap;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://sink');
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const key = url.searchParams.get('key') ?? '';
    const place = url.pathname.slice(1);
    if (place === 'deeds') return answer(response, 200, book.deeds());
    if (place === 'next') {
      mishaps.push(JSON.parse(body) as { place: Place; mishap: Mishap });
      return answer(response, 200, {});
    }
    const mishap = nextFor(place as Place);
    if (mishap?.is === 'slow') await sleep(mishap.ms);
    if (mishap?.is === 'dieBefore') return die();
    if (mishap?.is === 'cutBefore') return void response.destroy();
    if (mishap?.is === 'refuse') return answer(response, 503, { refused: true });
    if (place === 'query')
      return answer(response, 200, { happened: (book.find(key)?.done ?? 0) > 0, output: outputOf(key) });
    if (place === 'work') options.onWork?.('before', key);
    if (mishap?.is !== 'sayDone') for (let i = mishap?.is === 'twice' ? 2 : 1; i > 0; i--) act(place, key, body);
    if (place === 'work') options.onWork?.('after', key);
    if (mishap?.is === 'dieAfter') return die();
    if (mishap?.is === 'cutAfter') return void response.destroy();
    if (mishap?.is === 'sayFailed') return answer(response, 500, { error: 'it failed, or so it says' });
    answer(response, 200, outputOf(key));
  }

  function act(place: string, key: string, what: string): void {
    const known = book.find(key);
    if (place === 'work' && !(options.keyed && (known?.done ?? 0) > 0)) book.do(key, what);
    // Taking back what is taken back is no second taking back.
    if (place === 'undo' && known !== undefined && known.undone < known.done) book.undo(key);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: (place, mishap) => void mishaps.push({ place, mishap }),
    deeds: () => book.deeds(),
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      book.close();
    },
  };
}

function outputOf(key: string): { receipt: string } {
  return { receipt: `receipt of ${key}` };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

if (process.argv[1] === import.meta.filename) {
  const [file, keyed] = process.argv.slice(2);
  // As by kill -9: nothing is tidied up.
  const die = (): void => void process.kill(process.pid, 'SIGKILL');
  const sink = await openSink({ file, keyed: keyed === 'keyed', die });
  process.stdout.write(`${sink.url}\n`);
}
