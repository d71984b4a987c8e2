/** Nobody makes us hold more than MAX_BYTES of one answer, or of one event of a stream. */
import type { Readable } from 'node:stream';
import { Fault } from '../../../base/index.ts';

/** What an answer by stdio may have, twice over; more is no value of a step. */
export const MAX_BYTES = 20 * 2 ** 20;
const LINE_END = 10;
const CARRIAGE_RETURN = 13;

/** Counts the pieces of one body; throws when it is too much. */
export function createCount(url: URL, isStream: boolean): (piece: Uint8Array) => void {
  let bytes = 0;
  let last: number | undefined;
  return (piece) => {
    // An empty line ends an event; none in so many bytes is one event without an end.
    if (isStream && endsAnEvent(piece, last)) bytes = 0;
    last = piece.at(-1);
    bytes += piece.length;
    if (bytes > MAX_BYTES) throw new Fault('output.invalid', `${url.host} answers with more than ${MAX_BYTES} bytes`);
  };
}

function endsAnEvent(piece: Uint8Array, before: number | undefined): boolean {
  let last = before;
  for (const byte of piece) {
    if (byte === CARRIAGE_RETURN) continue;
    if (byte === LINE_END && last === LINE_END) return true;
    last = byte;
  }
  return false;
}

/** A body that comes as it is read. It ends as that of `fetch` does: by the caller's reason, or `terminated`. */
export function bodyOf(
  source: Readable,
  count: (piece: Uint8Array) => void,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> {
  let over = false;
  return new ReadableStream<Uint8Array>({
    start(body) {
      const fail = (error: Error | undefined): void => {
        if (over) return;
        over = true;
        body.error(failure(error, signal));
      };
      source.on('data', (piece: Buffer) => {
        if (over) return;
        try {
          count(piece);
        } catch (thrown) {
          source.destroy(thrown as Error);
          return;
        }
        body.enqueue(new Uint8Array(piece));
        if ((body.desiredSize ?? 1) <= 0) source.pause();
      });
      source.on('end', () => {
        if (over) return;
        over = true;
        body.close();
      });
      source.on('error', fail);
      source.on('close', fail);
    },
    pull() {
      if (source.isPaused()) source.resume();
    },
    cancel() {
      over = true;
      source.destroy();
    },
  });
}

export function failure(error: Error | undefined, signal: AbortSignal | undefined): unknown {
  if (error instanceof Fault) return error;
  return signal?.aborted === true ? signal.reason : new TypeError('terminated', { cause: error });
}
