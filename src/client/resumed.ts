/**
 * Server-sent events over lost connections and restarts of the site: each time it is gone on from the last id that was
 * seen, so none is missed and none doubled.
 */
import { Fault, isFaultCode } from '../base/fault.ts';
import type { CallInput, CallName } from '../model/wire/index.ts';
import { readEvents, type ServerEvent } from './event-stream.ts';
import { pauseMs, wait } from './wait.ts';
import type { Wire } from './wire.ts';

export interface Resumed<K extends CallName> {
  name: K;
  given: Partial<CallInput<K>>;
  /** The id of the event seen last. */
  last?: string;
  signal?: AbortSignal;
  /** How long the site may be away, without one event, before the reader gives up. Default: the client's patience. */
  patienceMs?: number;
  /** What is followed, for the fault that says it was given up. */
  what: string;
}

/** The door beats four times a minute: who is silent for so long is gone. */
const SILENCE_MS = 45_000;

/** Until the site says that all is over. */
export async function* resumed<K extends CallName>(
  wire: Wire,
  { name, given, last, signal, patienceMs, what }: Resumed<K>,
): AsyncGenerator<ServerEvent, void, undefined> {
  let failures = 0;
  let lostMs = performance.now();
  for (;;) {
    const silence = new AbortController();
    const stop = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]);
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const heard = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      failures = 0;
      lostMs = performance.now();
    };
    try {
      const headers: Record<string, string> = { accept: 'text/event-stream' };
      if (last !== undefined) headers['last-event-id'] = last;
      const response = await wire.open(name, given, { headers, signal: stop });
      for await (const event of readEvents(response.body!, heard)) {
        if (event.event === 'end') return;
        if (event.event === 'problem') throw problemFault(event.data);
        last = event.id ?? last;
        yield event;
      }
    } catch (thrown) {
      signal?.throwIfAborted();
      if (thrown instanceof Fault && thrown.retry !== 'same') throw thrown;
      const mostMs = patienceMs ?? wire.patienceMs;
      if (performance.now() - lostMs > mostMs)
        throw new Fault('site.stopped', `the site was away for ${mostMs} ms while ${what} followed`, {
          cause: thrown,
        });
      await wait(Math.max(pauseMs(failures++), thrown instanceof Fault ? (thrown.afterMs ?? 0) : 0), signal);
      continue;
    } finally {
      clearTimeout(timer);
    }
    // It ended without a word: the site is going down, and comes back.
    signal?.throwIfAborted();
    await wait(pauseMs(failures++), signal);
  }
}

function problemFault(data: string): Fault {
  const { code, detail, retry } = JSON.parse(data) as { code: string; detail: string; retry: Fault['retry'] };
  return new Fault(isFaultCode(code) ? code : 'internal', detail, { retry });
}
