/** Retention: payloads go after their time, headers stay (the chain is whole, and says what is gone). */
import { checkGiven, checkOptions, oneOf, type Option, type Options, text } from '../../base/index.ts';
import {
  type EncodedRecord,
  type EventType,
  isKeptWhileOpen,
  parsePayloads,
  promisedPayloads,
  type Turn,
} from '../../model/index.ts';
import type { Store, StreamInfo } from '../../ports/store/index.ts';
import { isOwnStream } from '../own-streams.ts';

export interface RetentionRule {
  /** Payloads of turns before this time. */
  beforeMs: number;
  /** Only of runs that have ended (the default), or of all: an open one that needs them fails with `payload.erased`. */
  of?: 'ended' | 'all';
  /** Only streams whose id starts so. What the site keeps of itself is not touched. */
  prefix?: string;
}

const moment: Option = { fits: Number.isFinite, wants: 'a moment, in ms since 1970' };
const RULE: Options<RetentionRule> = { beforeMs: moment, of: oneOf('ended', 'all'), prefix: text };

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
  // What is erased is gone for ever: a rule that is not understood erases nothing.
  checkOptions(rule, RULE, 'the rule of retention');
  checkGiven(rule?.beforeMs, moment, '`beforeMs` of the rule of retention');
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
      if (isOwnStream(info.stream)) continue;
      const { payloads } = await retainStream(store, info, rule.beforeMs, journal);
      if (payloads > 0) erased.push({ stream: info.stream, payloads });
    }
    if (page.length < PAGE) return erased;
    after = page.at(-1)!.stream;
  }
}

export interface Retained {
  /** How many were dropped now. */
  payloads: number;
  /** Some are there that are not old enough yet, or that an open run cannot be read without. */
  left: boolean;
}

/** One stream of them. */
export async function retainStream(
  store: Store,
  { stream, head, status }: StreamInfo,
  beforeMs: number,
  journal: JournalErasure,
): Promise<Retained> {
  let payloads = 0;
  let left = false;
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
      for (const { seq, at, type } of standing(record)) {
        // Turned round, no number at all would let everything go.
        if (!(at < beforeMs) || (status === 'open' && isKeptWhileOpen(type))) left = true;
        else if (seqs.push(seq) === MAX_SEQS) await flush();
      }
    }
    const last = records.at(-1);
    if (last === undefined) break;
    from = last.seq + last.count;
  }
  await flush();
  return { payloads, left };
}

/** Events of this record whose payload is there, and the time of their turn. */
function standing(record: EncodedRecord): { seq: number; at: number; type: EventType }[] {
  if (record.payloads === '') return [];
  const { turns } = JSON.parse(record.header) as { turns: Turn[] };
  const times = turns.flatMap((turn) => turn.events.map(() => turn.at));
  const payloads = parsePayloads(record.payloads);
  return promisedPayloads(record)
    .filter((_, i) => payloads[i] != null)
    .map(({ seq, type }) => ({ seq, type, at: times[seq - record.seq]! }));
}
