/**
 * Journals as server-sent events. The reader pulls: what it does not read waits in the store, not here.
 *
 * V1  An event's id is its place in the stream, and it is sent only when it is on disk: a reader that comes back with
 *     the last id misses nothing and sees nothing twice, whoever serves it then.
 * V2  `event: end` is said only when the run is over and all of it was sent. A stream that just ends is taken up again.
 * V3  A reader that takes nothing for a while is cut off: its place is for others, and it may come back.
 * V4  An id without an event is a place behind all that was sent, and before all that will be.
 */
import { Fault, toFault } from '../../base/index.ts';
import { problemOf } from '../guard/index.ts';
import type { Metrics } from './metrics.ts';

/** Proxies cut what is silent for a minute; readers take it for lost. */
const HEARTBEAT_MS = 15_000;
/** Heartbeats that found the last bytes still unread. */
const MAX_UNREAD_BEATS = 4;
/** Bytes that may wait for one reader. */
const BUFFER_BYTES = 65_536;
/** What a browser waits before it comes back. */
const RETRY_MS = 1_000;

export interface EventStream<Line> {
  /** An id to come back with before there was any event. */
  from?: string;
  /** `stands`: told an id to come back with where nothing of what was looked at is for this reader. */
  open(signal: AbortSignal, stands: (id: string) => void): AsyncIterable<Line>;
  idOf(line: Line): string | number;
  /** Pieces of answers while they are made, for a reader that wants them. */
  listen?(heard: (piece: unknown) => void): () => void;
  /** Takes a place among the open streams. */
  place(): () => void;
  /** The caller has gone. */
  gone: AbortSignal;
  metrics: Metrics;
  heartbeatMs?: number;
}

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  // Some proxies keep what they pass on until it is much.
  'x-accel-buffering': 'no',
};

export function eventStream<Line>(stream: EventStream<Line>): Response {
  const release = stream.place();
  const { metrics, heartbeatMs = HEARTBEAT_MS } = stream;
  const closing = new AbortController();
  const text = new TextEncoder();
  /** Where the reader stands, as long as it was not told. */
  let standing: string | undefined;
  const lines = stream.open(closing.signal, (id) => (standing = id))[Symbol.asyncIterator]();
  let unread = 0;
  let beat: NodeJS.Timeout | undefined;
  let isOver = false;
  let stopListening = (): void => {};

  function over(): void {
    if (isOver) return;
    isOver = true;
    stopListening();
    clearInterval(beat);
    stream.gone.removeEventListener('abort', over);
    closing.abort();
    release();
    metrics.readers(-1);
  }

  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        metrics.readers(1);
        controller.enqueue(text.encode(`retry: ${RETRY_MS}\n\n`));
        if (stream.from !== undefined) controller.enqueue(text.encode(`id: ${stream.from}\n\n`));
        beat = setInterval(() => {
          if (isOver) return;
          if ((controller.desiredSize ?? 0) <= 0 && ++unread > MAX_UNREAD_BEATS) {
            over();
            return controller.error(new Error('the reader takes nothing'));
          }
          controller.enqueue(text.encode(standing === undefined ? ':\n\n' : `id: ${standing}\n\n`));
          standing = undefined;
        }, heartbeatMs);
        stopListening =
          stream.listen?.((piece) => {
            // They are worth something only now: who is behind goes without.
            if (!isOver && (controller.desiredSize ?? 0) > 0)
              controller.enqueue(text.encode(`event: piece\ndata: ${JSON.stringify(piece)}\n\n`));
          }) ?? stopListening;
        if (stream.gone.aborted) over();
        else stream.gone.addEventListener('abort', over, { once: true });
      },
      async pull(controller) {
        unread = 0;
        const last = await next();
        if (isOver && last.end !== true) return closeQuietly(controller);
        controller.enqueue(text.encode(last.text));
        if (last.end !== true) return;
        over();
        controller.close();
      },
      cancel: over,
    },
    new ByteLengthQueuingStrategy({ highWaterMark: BUFFER_BYTES }),
  );

  async function next(): Promise<{ text: string; end?: boolean }> {
    try {
      const { done, value } = await lines.next();
      if (done === true) return { text: 'event: end\ndata: {}\n\n', end: true };
      metrics.sent();
      standing = undefined;
      return { text: `id: ${stream.idOf(value)}\ndata: ${JSON.stringify(value)}\n\n` };
    } catch (thrown) {
      const fault = toFault(thrown, 'internal');
      if (isOver || fault.code === 'site.stopped') return { text: '', end: true };
      return { text: `event: problem\ndata: ${JSON.stringify(problemOf(fault))}\n\n`, end: true };
    }
  }

  return new Response(body, { headers: HEADERS });
}

function closeQuietly(controller: ReadableStreamDefaultController): void {
  try {
    controller.close();
  } catch {
    // Closed or broken already.
  }
}

/** The seq that the reader of a run saw last. */
export function seqOf(given: string | number | undefined): number | undefined {
  if (given === undefined || given === '') return undefined;
  if (typeof given === 'string' && !/^\d{1,15}$/.test(given))
    throw new Fault('input.invalid', `Last-Event-ID must be the id of an event, not '${given.slice(0, 40)}'`);
  return Number(given);
}
