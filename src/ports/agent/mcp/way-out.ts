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
import { createNet, type Net } from '../../net/index.ts';
import { createStrictRedact, type UsedTokens } from '../secrets.ts';
import { createCount, MAX_BYTES } from './bounded.ts';
import type { McpAgentOptions } from './options.ts';
import { createOwnOrigin } from './own-origin.ts';

/** Documents and tokens of an authorization server. */
const ASIDE = { maxBytes: 2 ** 20, answerMs: 30_000, idleMs: 30_000, totalMs: 60_000 };

export interface WayOut {
  fetch: FetchLike;
  close(): void;
}

export function createWayOut({ server, allow = [], fetch: given }: McpAgentOptions, used: UsedTokens): WayOut {
  if (!('url' in server)) return { fetch: given ?? fetch, close() {} };
  const own = new URL(server.url);
  const ownOrigin = createOwnOrigin(own);
  const { headers: ours = {} } = server;
  let net: Net | undefined;

  async function go(url: URL, init: RequestInit): Promise<Response> {
    if (url.origin === own.origin) {
      if (given === undefined) return ownOrigin.fetch(url, init);
      return limited(await given(url, { redirect: 'manual', ...init }), url);
    }
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
      ownOrigin.close();
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
  const count = createCount(url, headers.get('content-type')?.startsWith('text/event-stream') === true);
  const counted = body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(piece, out) {
        count(piece);
        out.enqueue(piece);
      },
    }),
  );
  return new Response(counted, { status, statusText, headers });
}
