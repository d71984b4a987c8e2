/** An answer as a `Response`: read as it comes, within the limits. */
import type { IncomingMessage } from 'node:http';
import { Fault } from '../../base/index.ts';
import type { NetLimits } from './port.ts';
import type { Outgoing } from './exchange.ts';
import type { Target } from './target.ts';
import { wholeResponse } from './whole.ts';

/** An answer that says that it is no longer is taken whole: most are, and a stream costs more than they do. */
const WHOLE_BYTES = 256 * 1024;
/** A `Response` with these has no body. */
const BODILESS = new Set([101, 204, 205, 304]);

export async function answerOf(
  incoming: IncomingMessage,
  target: Target,
  sent: Outgoing,
  limits: NetLimits,
): Promise<Response> {
  const status = incoming.statusCode ?? 0;
  const headers = headersOf(incoming);
  try {
    checkLimits(incoming, target, limits);
  } catch (fault) {
    incoming.destroy();
    throw fault;
  }
  if (BODILESS.has(status) || sent.method === 'HEAD') {
    incoming.resume();
    return new Response(null, { status: status === 101 ? 502 : status, headers });
  }
  if (Number(incoming.headers['content-length'] ?? Infinity) <= WHOLE_BYTES)
    return wholeResponse(await wholeOf(incoming, target, sent.signal, limits), { status, headers });
  return new Response(bodyOf(incoming, target, sent.signal, limits), { status, headers });
}

export function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!);
  return headers;
}

function wholeOf(
  incoming: IncomingMessage,
  target: Target,
  signal: AbortSignal | undefined,
  limits: NetLimits,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const silence = setTimeout(() => incoming.destroy(silent(target, limits)), limits.idleMs);
    const fail = (error: unknown): void => {
      clearTimeout(silence);
      reject(faultOf(error, target, signal));
    };
    incoming.on('data', (piece: Buffer) => {
      pieces.push(piece);
      silence.refresh();
    });
    incoming.on('end', () => {
      clearTimeout(silence);
      resolve(new Uint8Array(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)));
    });
    incoming.on('error', fail);
    incoming.on('close', () => fail(new Error('it hung up')));
  });
}

function silent(target: Target, { idleMs }: NetLimits): Fault {
  return new Fault('agent.lost', `${target.url.host} was silent for ${idleMs} ms`);
}

function checkLimits(incoming: IncomingMessage, target: Target, limits: NetLimits): void {
  const encoding = incoming.headers['content-encoding'];
  // What unpacks to more than was sent escapes the limit; we asked for identity.
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Fault('output.invalid', `${target.url.host} answered packed (${encoding}), though asked not to`);
  }
  if (Number(incoming.headers['content-length'] ?? 0) > limits.maxBytes) throw tooMuch(target, limits);
}

function bodyOf(
  incoming: IncomingMessage,
  target: Target,
  signal: AbortSignal | undefined,
  limits: NetLimits,
): ReadableStream<Uint8Array> {
  let bytes = 0;
  let silence: NodeJS.Timeout | undefined;
  let over = false;
  return new ReadableStream<Uint8Array>({
    start(body) {
      const end = (say: () => void): void => {
        if (over) return;
        over = true;
        clearTimeout(silence);
        say();
      };
      const fail = (error: unknown): void => end(() => body.error(faultOf(error, target, signal)));
      const listen = (): void => {
        clearTimeout(silence);
        silence = setTimeout(() => incoming.destroy(silent(target, limits)), limits.idleMs);
      };
      listen();
      incoming.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > limits.maxBytes) return incoming.destroy(tooMuch(target, limits));
        listen();
        if (over) return;
        body.enqueue(new Uint8Array(chunk));
        if ((body.desiredSize ?? 1) <= 0) {
          clearTimeout(silence);
          incoming.pause();
        }
      });
      incoming.on('end', () => end(() => body.close()));
      incoming.on('error', fail);
      incoming.on('close', () => fail(new Error('it hung up')));
    },
    pull() {
      if (incoming.isPaused()) incoming.resume();
    },
    cancel() {
      over = true;
      clearTimeout(silence);
      incoming.destroy();
    },
  });
}

function tooMuch(target: Target, limits: NetLimits): Fault {
  return new Fault('output.invalid', `${target.url.host} answers with more than ${limits.maxBytes} bytes`);
}

/** What ended an exchange, in our words; an abort keeps its reason. */
export function faultOf(error: unknown, target: Target, signal: AbortSignal | undefined): unknown {
  if (error instanceof Fault) return error;
  if (signal?.aborted === true) {
    const reason: unknown = signal.reason;
    if (!(reason instanceof DOMException) || reason.name !== 'TimeoutError') return reason;
    return new Fault('step.timeout', `${target.url.host} took too long`, { cause: reason });
  }
  return new Fault('agent.lost', `${target.url.host} cannot be reached, or went silent`, { cause: error });
}
