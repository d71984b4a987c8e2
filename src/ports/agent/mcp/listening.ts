/**
 * On the 2025 wire a server asks on a stream that the client opens beside its calls, once it is connected. A question
 * asked before that stream stands is lost by the server, and its call waits for ever: so the first call waits for it.
 */
import type { FetchLike } from '@modelcontextprotocol/client';

/** A server that does not answer to it by then has no such stream for us. */
const STREAM_MS = 2_000;

export interface Listening {
  fetch: FetchLike;
  /** The stream stands, was refused, or is not asked for. */
  settled(): Promise<void>;
}

export function createListening(through: FetchLike = fetch): Listening {
  let first: Promise<unknown> | undefined;
  return {
    fetch(url, init) {
      const answer = through(url, init);
      if (init?.method === 'GET' && (new Headers(init.headers).get('accept') ?? '').includes('text/event-stream'))
        first ??= answer.catch(() => {});
      return answer;
    },
    async settled() {
      // It is asked for in the moment after the connection is made.
      await new Promise((resolve) => setImmediate(resolve));
      if (first === undefined) return;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => (timer = setTimeout(resolve, STREAM_MS)));
      await Promise.race([first, late]);
      clearTimeout(timer);
    },
  };
}
