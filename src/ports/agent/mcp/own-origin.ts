/**
 * The way to the server itself, over Node's own HTTP client: `fetch` as the library wants it, at half its price.
 *
 * O1  A call's answer is the last message of its stream. One that comes first, as most do, is handed on as what it is,
 *     a message; a stream that begins otherwise (progress, questions, a word for resuming) is handed on as a stream.
 * O2  What changes nothing at the server is sent again when a kept connection was closed in the moment of its use; a
 *     call of a tool is not, for it may have been heard.
 */
import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { createExchanges, headersOf, type Outgoing, outgoingOf, wholeResponse } from '../../net/index.ts';
import { bodyOf, createCount, failure } from './bounded.ts';

/** A first event of this size is looked at before it is handed on (O1), and an answer of this size taken whole. */
const WHOLE_BYTES = 64 * 1024;
/** After its last message a stream is to end; one that does not is cut off. */
const LINGER_MS = 2_000;
const BODILESS = new Set([204, 205, 304]);
const REPEATABLE_METHODS = new Set(['GET', 'HEAD', 'DELETE']);
const REPEATABLE_MESSAGES =
  /"method":"(?:initialize|ping|server\/discover|resources\/read|prompts\/get|[a-z/]+\/list|notifications\/[a-z/_]+)"/;
const ONE_EVENT = /^(?:(?:event: ?message|id:[^\r\n]*)\r?\n)*data: ?([^\r\n]*)\r?\n\r?\n$/;

export interface OwnOrigin {
  fetch(url: URL, init: RequestInit): Promise<Response>;
  close(): void;
}

export function createOwnOrigin(server: URL): OwnOrigin {
  const exchanges = createExchanges();
  const secure = server.protocol === 'https:';
  const hostname = server.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = server.port === '' ? (secure ? 443 : 80) : Number(server.port);

  async function send(url: URL, sent: Outgoing): Promise<IncomingMessage> {
    try {
      return await exchanges.send({ url, secure, hostname, port }, sent, { mayRepeat: changesNothing(sent) });
    } catch (thrown) {
      if (sent.signal?.aborted === true) throw sent.signal.reason;
      // As `fetch` fails: the library tells by it what is the network's doing.
      throw new TypeError('fetch failed', { cause: thrown });
    }
  }

  return {
    async fetch(url, init) {
      const sent = await outgoingOf(url, init);
      return answerOf(await send(url, sent), sent, url);
    },
    close: () => exchanges.close(),
  };
}

function changesNothing({ method, body }: Outgoing): boolean {
  if (REPEATABLE_METHODS.has(method)) return true;
  return typeof body === 'string' && !body.includes('"tools/call"') && REPEATABLE_MESSAGES.test(body);
}

interface Head {
  status: number;
  statusText: string | undefined;
  headers: Headers;
}

async function answerOf(incoming: IncomingMessage, sent: Outgoing, url: URL): Promise<Response> {
  const { statusCode: status = 502, statusMessage: statusText } = incoming;
  const headers = headersOf(incoming);
  const head: Head = { status, statusText, headers };
  if (BODILESS.has(status) || sent.method === 'HEAD') {
    incoming.resume();
    return new Response(null, head);
  }
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') === true;
  const asItComes = (source: Readable): Response =>
    new Response(bodyOf(source, createCount(url, isStream), sent.signal), head);
  const packed = headers.get('content-encoding');
  // Asked for as it is, it came packed all the same.
  if (packed !== null && packed !== 'identity') return asItComes(unpacked(incoming, packed));
  if (isStream) return sent.method === 'POST' ? byItsFirst(incoming, sent, head, asItComes) : asItComes(incoming);
  if (Number(headers.get('content-length') ?? Infinity) > WHOLE_BYTES) return asItComes(incoming);
  return wholeResponse(await wholeOf(incoming, sent.signal), head);
}

function unpacked(incoming: IncomingMessage, how: string): Readable {
  const ways: Record<string, () => Transform> = { br: createBrotliDecompress, deflate: createInflate };
  // Whatever it is that broke shows in what is read.
  return pipeline(incoming, (ways[how] ?? createGunzip)(), () => {});
}

function wholeOf(incoming: IncomingMessage, signal: AbortSignal | undefined): Promise<Buffer<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const fail = (error?: Error): void => reject(failure(error, signal));
    incoming.on('data', (piece: Buffer) => pieces.push(piece));
    incoming.on('end', () => resolve(Buffer.concat(pieces)));
    incoming.on('error', fail);
    incoming.on('close', fail);
  });
}

/** O1. */
function byItsFirst(
  incoming: IncomingMessage,
  sent: Outgoing,
  head: Head,
  asItComes: (source: Readable) => Response,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const end = (): void => settle(new Response(null, head));
    const fail = (error?: Error): void => {
      stop();
      reject(failure(error, sent.signal));
    };
    const first = (piece: Buffer): void => {
      const message = piece.length > WHOLE_BYTES ? undefined : answerIn(piece.toString(), sent);
      if (message === undefined) {
        incoming.pause();
        incoming.unshift(piece);
        return settle(asItComes(incoming));
      }
      head.headers.set('content-type', 'application/json');
      settle(wholeResponse(message, head));
      leave(incoming);
    };
    function stop(): void {
      incoming.off('data', first).off('end', end).off('error', fail).off('close', fail);
    }
    function settle(response: Response): void {
      stop();
      resolve(response);
    }
    incoming.on('data', first).on('end', end).on('error', fail).on('close', fail);
  });
}

/** The answer to what was sent, if this is one event and holds it. */
function answerIn(text: string, { body }: Outgoing): string | undefined {
  const data = ONE_EVENT.exec(text)?.[1];
  if (data === undefined || typeof body !== 'string') return undefined;
  try {
    const said = JSON.parse(data) as Record<string, unknown> | null;
    if (typeof said !== 'object' || said === null || 'method' in said || !('result' in said || 'error' in said))
      return undefined;
    return body.includes(`"id":${JSON.stringify(said['id'])}`) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** Its connection is free for others once it has ended. */
function leave(incoming: IncomingMessage): void {
  incoming.on('error', () => {}).resume();
  if (incoming.complete) return;
  const late = setTimeout(() => incoming.destroy(), LINGER_MS).unref();
  incoming.once('close', () => clearTimeout(late));
}
