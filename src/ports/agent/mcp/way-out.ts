/**
 * The ways to a remote server, and to whatever it names (its OAuth's addresses).
 *
 * W1  The server's own origin was named by somebody of ours, inside or not. Others are a stranger's word: they go by
 *     the safe way out, and none of the headers that are for the server go there.
 * W2  No redirect is followed but the library's own, which stay at the origin.
 * W3  What an error says of our credentials is hidden here already: the library prints some errors.
 * W4  Nobody makes us hold more than MAX_BYTES of one answer, or of one event of a stream.
 */
import type { FetchLike } from '@modelcontextprotocol/client';
import { Fault } from '../../../base/index.ts';
import { createNet, type Net } from '../../net/index.ts';
import { createStrictRedact, type UsedTokens } from '../secrets.ts';
import type { McpAgentOptions } from './options.ts';

/** What an answer by stdio may have, twice over; more is no value of a step. */
const MAX_BYTES = 20 * 2 ** 20;
/** Documents and tokens of an authorization server. */
const ASIDE = { maxBytes: 2 ** 20, answerMs: 30_000, idleMs: 30_000, totalMs: 60_000 };
const LINE_END = 10;

export interface WayOut {
  fetch: FetchLike;
  close(): void;
}

export function createWayOut({ server, allow = [], fetch: given }: McpAgentOptions, used: UsedTokens): WayOut {
  const direct: FetchLike = given ?? fetch;
  if (!('url' in server)) return { fetch: direct, close() {} };
  const own = new URL(server.url);
  const { headers: ours = {} } = server;
  let net: Net | undefined;

  async function go(url: URL, init: RequestInit): Promise<Response> {
    if (url.origin === own.origin) return limited(await direct(url, { redirect: 'manual', ...init }), url);
    const headers = new Headers(init.headers);
    for (const name of Object.keys(ours)) headers.delete(name);
    if (given !== undefined) return limited(await given(url, { ...init, headers }), url);
    net ??= createNet({ allow, limits: ASIDE });
    return net.fetch(url, { ...init, headers });
  }

  return {
    async fetch(to, init = {}) {
      used.addHeader(new Headers(init.headers).get('authorization'));
      const answer = await go(new URL(to), init);
      if (answer.ok || answer.body === null) return answer;
      const { status, statusText, headers } = answer;
      const redact = createStrictRedact([...used.all(), ...Object.values(ours)]);
      return new Response(redact(await answer.text()), { status, statusText, headers });
    },
    close() {
      net?.close();
    },
  };
}

/** W4. What says its length and comes as it is was bounded by that. */
function limited(answer: Response, url: URL): Response {
  const { body, headers, status, statusText } = answer;
  if (body === null) return answer;
  const length = headers.get('content-length');
  if (length !== null && !headers.has('content-encoding') && Number(length) <= MAX_BYTES) return answer;
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') === true;
  let bytes = 0;
  let last: number | undefined;
  const counted = body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(piece, out) {
        // An empty line ends an event; none in so many bytes is one event without an end.
        if (isStream && endsAnEvent(piece, last)) bytes = 0;
        last = piece.at(-1);
        bytes += piece.length;
        if (bytes > MAX_BYTES)
          throw new Fault('output.invalid', `${url.host} answers with more than ${MAX_BYTES} bytes`);
        out.enqueue(piece);
      },
    }),
  );
  return new Response(counted, { status, statusText, headers });
}

const CARRIAGE_RETURN = 13;

function endsAnEvent(piece: Uint8Array, before: number | undefined): boolean {
  let last = before;
  for (const byte of piece) {
    if (byte === CARRIAGE_RETURN) continue;
    if (byte === LINE_END && last === LINE_END) return true;
    last = byte;
  }
  return false;
}
