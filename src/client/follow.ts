/**
 * Following a run's journal: over lost connections and restarts of the site, no event missed and none doubled,
 * because each says its seq and the next stream begins after the last one seen.
 */
import { Fault, isFaultCode } from '../base/fault.ts';
import type { RunLine } from '../model/wire/index.ts';
import { readEvents } from './event-stream.ts';
import { pauseMs, wait } from './wait.ts';
import type { Wire } from './wire.ts';

export interface PieceView {
  step: string;
  n: number;
  agent: string;
  text: string;
}

export interface FollowOptions {
  /** Only events after this seq. */
  after?: number;
  signal?: AbortSignal;
  /** Told parts of answers while agents make them: a hint, not journaled, and not sent again. */
  onPiece?: (piece: PieceView) => void;
  /** How long the site may be away, without one event, before the reader gives up. Default: the client's patience. */
  patienceMs?: number;
}

/** The door beats four times a minute: who is silent for so long is gone. */
const SILENCE_MS = 45_000;

export async function* follow(
  wire: Wire,
  run: string,
  { after, signal, onPiece, patienceMs = wire.patienceMs }: FollowOptions = {},
): AsyncGenerator<RunLine, void, undefined> {
  const query = onPiece === undefined ? {} : { pieces: 'true' as const };
  let last = after;
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
      if (last !== undefined) headers['last-event-id'] = String(last);
      const response = await wire.open('runEvents', { params: { run }, query }, { headers, signal: stop });
      for await (const { event, data } of readEvents(response.body!, heard)) {
        if (event === 'end') return;
        if (event === 'problem') throw problemFault(data);
        if (event === 'piece') onPiece?.(JSON.parse(data) as PieceView);
        if (event !== 'message') continue;
        const line = JSON.parse(data) as RunLine;
        if (last !== undefined && line.seq <= last) continue;
        last = line.seq;
        yield line;
      }
    } catch (thrown) {
      signal?.throwIfAborted();
      if (thrown instanceof Fault && thrown.retry !== 'same') throw thrown;
      if (performance.now() - lostMs > patienceMs)
        throw new Fault('site.stopped', `the site was away for ${patienceMs} ms while run ${run} was followed`, {
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
