/** An answer as a `Response`: read as it comes, within the limits. */
import type { IncomingMessage } from 'node:http';
import { Fault } from '../../base/index.ts';
import type { NetLimits } from './port.ts';
import type { Target } from './target.ts';

export interface Sent {
  method: string;
  headers: Record<string, string>;
  body: Uint8Array | undefined;
  signal: AbortSignal;
}

/** A `Response` with these has no body. */
const BODILESS = new Set([101, 204, 205, 304]);

export function answerOf(incoming: IncomingMessage, target: Target, sent: Sent, limits: NetLimits): Response {
  const status = incoming.statusCode ?? 0;
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headersDistinct)) {
    for (const one of value ?? []) headers.append(name, one);
  }
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
  return new Response(bodyOf(incoming, target, sent.signal, limits), { status, headers });
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
  signal: AbortSignal,
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
        const fault = new Fault('agent.lost', `${target.url.host} was silent for ${limits.idleMs} ms`);
        silence = setTimeout(() => incoming.destroy(fault), limits.idleMs);
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
export function faultOf(error: unknown, target: Target, signal: AbortSignal): unknown {
  if (error instanceof Fault) return error;
  if (signal.aborted) {
    const reason: unknown = signal.reason;
    if (!(reason instanceof DOMException) || reason.name !== 'TimeoutError') return reason;
    return new Fault('step.timeout', `${target.url.host} took too long`, { cause: reason });
  }
  return new Fault('agent.lost', `${target.url.host} cannot be reached, or went silent`, { cause: error });
}
