/** Retention: payloads go after their time, headers stay (the chain is whole, and says what is gone). */
import { type EncodedRecord, parsePayloads, promisedPayloads, type Turn } from '../../model/index.ts';
import type { Store, StreamInfo } from '../../ports/store/index.ts';

export interface RetentionRule {
  /** Payloads of turns before this time. */
  beforeMs: number;
  /** Only of runs that have ended (the default), or of all. */
  of?: 'ended' | 'all';
  /** Only streams whose id starts so. */
  prefix?: string;
}

/** Appends a `payload.erased` event to the stream; the payloads go only when this has resolved. */
export type JournalErasure = (stream: string, seqs: number[]) => Promise<void>;

export interface Erased {
  stream: string;
  payloads: number;
}

/** One event names at most so many. */
const MAX_SEQS = 1000;
const PAGE = 200;

/** Applies the rule to all streams; safe to run again after a crash: it goes on with what is left. */
export async function retainPayloads(store: Store, rule: RetentionRule, journal: JournalErasure): Promise<Erased[]> {
  const erased: Erased[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await store.list({
      limit: PAGE,
      status: (rule.of ?? 'ended') === 'ended' ? 'ended' : undefined,
      prefix: rule.prefix,
      after,
    });
    for (const info of page) {
      const payloads = await retainStream(store, info, rule.beforeMs, journal);
      if (payloads > 0) erased.push({ stream: info.stream, payloads });
    }
    if (page.length < PAGE) return erased;
    after = page.at(-1)!.stream;
  }
}

async function retainStream(
  store: Store,
  { stream, head }: StreamInfo,
  beforeMs: number,
  journal: JournalErasure,
): Promise<number> {
  let payloads = 0;
  let seqs: number[] = [];
  const flush = async (): Promise<void> => {
    if (seqs.length === 0) return;
    await journal(stream, seqs);
    payloads += await store.erase(stream, seqs);
    seqs = [];
  };
  for (let from = 0; from < head;) {
    const records = await store.read(stream, { from, limit: PAGE });
    for (const record of records) {
      for (const seq of expired(record, beforeMs)) {
        seqs.push(seq);
        if (seqs.length === MAX_SEQS) await flush();
      }
    }
    const last = records.at(-1);
    if (last === undefined) break;
    from = last.seq + last.count;
  }
  await flush();
  return payloads;
}

/** Events of this record whose payload is there and whose turn is before the time. */
function expired(record: EncodedRecord, beforeMs: number): number[] {
  if (record.payloads === '') return [];
  const { turns } = JSON.parse(record.header) as { turns: Turn[] };
  const times = turns.flatMap((turn) => turn.events.map(() => turn.at));
  const payloads = parsePayloads(record.payloads);
  return promisedPayloads(record)
    .filter(({ seq }, i) => payloads[i] != null && times[seq - record.seq]! < beforeMs)
    .map(({ seq }) => seq);
}
