/** Follows the runs of this worker and sends their spans as they end. Off: nothing is loaded, nothing is read. */
import { toFault, type Fault } from '../../base/index.ts';
import { decodeRecord } from '../../model/index.ts';
import type { Store } from '../../ports/store/index.ts';
import type { Host } from '../host.ts';
import { createTraceContexts, type TraceContexts } from './context.ts';
import { type Environment, type Exporter, openExporter, wantsContent, wantsTraces } from './exporter.ts';
import { createRunSpans, type RunSpans } from './spans.ts';

export interface Tracing {
  readonly on: boolean;
  readonly contexts: TraceContexts;
  /** The run has moved, or left this worker. */
  moved(host: Pick<Host, 'run' | 'ended' | 'gone'>): void;
  stop(): Promise<void>;
}

export interface TracingOptions {
  store: Store;
  env: Environment;
  onTrouble(fault: Fault): void;
}

/** Records read at once. */
const PAGE = 200;
/**
 * A worker that dies takes the spans with it that it had not sent. Whoever carries the run on sends again what had
 * ended so shortly before: a span sent twice is the same span.
 */
const SEND_AGAIN_MS = 10_000;
/** A receiver that is gone does not hold up a stop. */
const STOP_MS = 3_000;

interface Followed {
  spans: RunSpans;
  next: number;
  reading: boolean;
  again: boolean;
  left: boolean;
}

const OFF: Tracing = {
  on: false,
  contexts: createTraceContexts(false),
  moved() {},
  stop: async () => {},
};

export async function openTracing({ store, env, onTrouble }: TracingOptions): Promise<Tracing> {
  if (!wantsTraces(env)) return OFF;
  let exporter: Exporter;
  try {
    exporter = await openExporter(env);
  } catch (thrown) {
    // Work goes on without being seen.
    onTrouble(toFault(thrown, 'internal'));
    return OFF;
  }
  const content = wantsContent(env);
  const followed = new Map<string, Followed>();

  async function read(run: string, one: Followed): Promise<void> {
    one.reading = true;
    try {
      do {
        one.again = false;
        // What was there before this worker came was sent by whoever was here then, but for the last of it.
        const first = one.next === 0;
        const fresh = first ? await sentUntil(run) : 0;
        for (;;) {
          const records = await store.read(run, { from: one.next, limit: PAGE });
          if (records.length === 0) break;
          for (const record of records) take(one, record, fresh);
        }
      } while (one.again);
    } catch (thrown) {
      onTrouble(toFault(thrown, 'store.io'));
    } finally {
      one.reading = false;
      if (one.left) followed.delete(run);
    }
  }

  function take(one: Followed, record: Parameters<typeof decodeRecord>[0], freshMs: number): void {
    let { seq } = record;
    for (const turn of decodeRecord(record)) {
      for (const event of turn.events) {
        if (seq >= one.next) {
          for (const span of one.spans.take(event, turn.at)) if (span.endMs >= freshMs) exporter.send(span);
          one.next = seq + 1;
        }
        seq++;
      }
    }
  }

  /** Until when another worker has sent this run's spans; 0 = nobody has. */
  async function sentUntil(run: string): Promise<number> {
    const info = await store.info(run);
    if (info === null || info.epoch <= 1) return 0;
    let claimedMs = 0;
    let lastMs = 0;
    for (let from = 0; from < info.head;) {
      const records = await store.read(run, { from, limit: PAGE });
      if (records.length === 0) break;
      for (const record of records) {
        let { seq } = record;
        for (const turn of decodeRecord(record)) {
          if (turn.events[0]?.type === 'run.claimed') claimedMs = lastMs;
          lastMs = turn.at;
          seq += turn.events.length;
        }
        from = Math.max(from + 1, seq);
      }
    }
    return Math.max(0, claimedMs - SEND_AGAIN_MS);
  }

  return {
    on: true,
    contexts: createTraceContexts(true),
    moved({ run, ended, gone }) {
      let one = followed.get(run);
      if (one === undefined) {
        if (gone && !ended) return;
        one = { spans: createRunSpans(run, { content }), next: 0, reading: false, again: false, left: false };
        followed.set(run, one);
      }
      one.left = ended || gone;
      one.again = true;
      if (!one.reading) void read(run, one);
    },
    async stop() {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, STOP_MS);
      while ([...followed.values()].some((one) => one.reading)) await new Promise((next) => setTimeout(next, 5));
      await Promise.race([exporter.stop().catch(() => {}), late]);
      clearTimeout(timer);
    },
  };
}
