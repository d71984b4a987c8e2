/** The part of an audit that looks into records: columns against headers, payloads against their hashes. */
import { errorText, hashText } from '../../base/index.ts';
import { type EncodedRecord, parsePayloads, type Payload, type PayloadErased } from '../../model/index.ts';
import type { FindingKind } from './findings.ts';

type Find = (kind: FindingKind, seq: number, detail: string) => void;

/** What is gone, and what the journal says is gone; compared at the end, since the word comes later. */
export interface Erasures {
  gone(seq: number): void;
  said(seqs: readonly number[]): void;
  /** `from`: the first event that is not compacted. */
  settle(from: number, find: Find): void;
}

export function createErasures(): Erasures {
  const gone = new Set<number>();
  const said = new Set<number>();
  return {
    gone: (seq) => void gone.add(seq),
    said(seqs) {
      for (const seq of seqs) said.add(seq);
    },
    settle(from, find) {
      for (const seq of gone)
        if (!said.has(seq)) find('payload-gone', seq, 'the payload is gone, and no payload.erased says so');
      for (const seq of said)
        if (seq >= from && !gone.has(seq)) find('payload-left', seq, 'payload.erased says it is gone, and it is not');
    },
  };
}

interface Header {
  seq: number;
  epoch: number;
  turns: { events: { type: string; data?: unknown }[] }[];
}

/**
 * The length of a salt is part of the promise: the hash is over salt and text in one, so a character
 * moved from the text to the salt would go unseen.
 */
const SALT = /^[0-9a-f]{24}$/;

export function checkPayloads(record: EncodedRecord, erasures: Erasures, find: Find): void {
  try {
    check(record, erasures, find);
  } catch (error) {
    // A text that was changed may have any shape.
    find('unreadable', record.seq, errorText(error));
  }
}

function check(
  { seq, count, epoch, header: headerText, payloads: text }: EncodedRecord,
  erasures: Erasures,
  find: Find,
): void {
  const header = JSON.parse(headerText) as Header;
  const events = header.turns.flatMap((turn) => turn.events);
  if (header.seq !== seq || header.epoch !== epoch || events.length !== count)
    find('columns', seq, 'seq, epoch or count beside the header say other than the header');
  const payloads: Payload[] = parsePayloads(text);
  if (text !== '' && JSON.stringify(payloads) !== text)
    find('payload', seq, 'the payloads are not written as they were');
  let next = 0;
  events.forEach((event, i) => {
    if (event.type === 'payload.erased') erasures.said((event as PayloadErased).seqs);
    if (event.data === undefined) return;
    const payload = payloads[next++];
    if (payload === undefined) find('payload', seq + i, 'the payload is missing');
    else if (payload === null) erasures.gone(seq + i);
    else if (!isPayload(payload) || hashText(payload[0] + payload[1]) !== event.data)
      find('payload', seq + i, 'the payload is not the one that the header promises');
  });
  if (payloads.length !== next || (next === 0 && text !== ''))
    find('payload', seq, `${payloads.length} payloads for ${next} events that have one`);
}

function isPayload(payload: unknown): boolean {
  return (
    Array.isArray(payload) && payload.length === 2 && typeof payload[1] === 'string' && SALT.test(String(payload[0]))
  );
}
