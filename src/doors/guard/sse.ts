/** A stream of answers as server-sent events; what fails before the first is an answer of its own. */

/** Proxies cut what is silent for a minute. */
const BEAT_MS = 15_000;

export interface SseOptions<T> {
  events: AsyncGenerator<T, void, undefined>;
  toJson(event: T): unknown;
  /** What is said when it breaks off in the middle. */
  broken(thrown: unknown): unknown;
  headers?: Record<string, string>;
  /** Called when the reader has gone, or all was said. */
  close(): void;
}

/** Throws what the first event throws. */
export async function sseResponse<T>({ events, toJson, broken, headers, close }: SseOptions<T>): Promise<Response> {
  const encoder = new TextEncoder();
  let beat: NodeJS.Timeout | undefined;
  let first: IteratorResult<T, void> | undefined;
  try {
    first = await events.next();
  } catch (thrown) {
    close();
    throw thrown;
  }
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        beat = setInterval(() => controller.enqueue(encoder.encode(': still here\n\n')), BEAT_MS);
      },
      async pull(controller) {
        try {
          const next = first ?? (await events.next());
          first = undefined;
          if (next.done !== true) {
            controller.enqueue(encoder.encode(`data: ${JSON.stringify(toJson(next.value))}\n\n`));
            return;
          }
        } catch (thrown) {
          controller.enqueue(encoder.encode(`event: error\ndata: ${JSON.stringify(broken(thrown))}\n\n`));
        }
        clearInterval(beat);
        close();
        controller.close();
      },
      async cancel() {
        clearInterval(beat);
        close();
        await events.return();
      },
    },
    { highWaterMark: 1 },
  );
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      ...headers,
    },
  });
}
