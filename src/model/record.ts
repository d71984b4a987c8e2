/**
 * Records: how turns of a stream are written down, and the chain over them.
 *
 * A record is what one commit adds to one stream: one or more turns, each turn the events that
 * one input brought about. Its header holds everything but the payloads; each payload stands in
 * the header by a salted hash only, so it can be erased later without breaking the chain.
 *
 * R1  hash(n) = H(hash(n-1) + '\n' + header(n)); the first record chains from the stream's id.
 * R2  seq counts events: a record of events 8, 9, 10 has seq 8 and count 3.
 * R3  payloads[i] belongs to the i-th event of the record that has a payload.
 * R4  a payload's hash is H(salt + text); erased, it is null and the hash stays.
 */
import { hashText, type Chance, Fault } from '../base/index.ts';
import { ERASED } from './erased.ts';
import type { Event, EventType, Turn } from './events.ts';

/** The journal's own format; a worker claims no run of a higher one. */
export const JOURNAL_FORMAT = 1;

/** What a store keeps of one commit to one stream. Stores treat the texts as opaque. */
export interface EncodedRecord {
  seq: number;
  count: number;
  epoch: number;
  header: string;
  /** JSON: an array of `[salt, text] | null`; '' when no event has a payload. */
  payloads: string;
  hash: string;
}

/** [salt, JSON text], or null when erased. */
export type Payload = [salt: string, text: string] | null;

export function chainStart(stream: string): string {
  return hashText(`skein ${JOURNAL_FORMAT} ${stream}`);
}

export function chainNext(previous: string, header: string): string {
  return hashText(`${previous}\n${header}`);
}

const SALT_BYTES = 12;

/**
 * Writes turns down. It takes them over: payloads in them are replaced by their hashes, which spares
 * the hot path a copy of every event.
 */
export function encodeRecord(
  turns: readonly Turn[],
  seq: number,
  epoch: number,
  previous: string,
  chance: Chance,
): EncodedRecord {
  let payloads = '';
  let count = 0;
  for (const turn of turns) {
    count += turn.events.length;
    for (const event of turn.events) {
      if (event.data === undefined) continue;
      const salt = chance.hex(SALT_BYTES);
      const text = JSON.stringify(event.data);
      payloads += `${payloads === '' ? '[' : ','}["${salt}",${JSON.stringify(text)}]`;
      event.data = hashText(salt + text);
    }
  }
  // One text for both: the header is a part of what is hashed, and is not copied.
  const chained = `${previous}\n{"seq":${seq},"epoch":${epoch},"turns":${JSON.stringify(turns)}}`;
  const hash = hashText(chained);
  if (payloads !== '') payloads += ']';
  return { seq, count, epoch, header: chained.slice(previous.length + 1), payloads, hash };
}

/** Reads a record back. Throws `journal.broken` on text that is no record; does not check the chain. */
export function decodeRecord(record: EncodedRecord): Turn[] {
  try {
    const payloads = parsePayloads(record.payloads);
    const turns = (JSON.parse(record.header) as { turns: Turn[] }).turns;
    let next = 0;
    for (const turn of turns) {
      for (const event of turn.events as { data?: unknown }[]) {
        if (event.data === undefined) continue;
        const payload = payloads[next++];
        event.data = payload == null ? ERASED : JSON.parse(payload[1]);
      }
    }
    return turns;
  } catch (error) {
    throw new Fault('journal.broken', `the record at event ${record.seq} cannot be read`, { cause: error });
  }
}

export function parsePayloads(text: string): Payload[] {
  return text === '' ? [] : (JSON.parse(text) as Payload[]);
}

/** The payload hashes that a header promises, in order, each with the seq and the type of its event. */
export function promisedPayloads(record: EncodedRecord): { seq: number; hash: string; type: EventType }[] {
  const { turns } = JSON.parse(record.header) as { turns: { events: Event[] }[] };
  const promised: { seq: number; hash: string; type: EventType }[] = [];
  let seq = record.seq;
  for (const turn of turns) {
    for (const event of turn.events) {
      if (event.data !== undefined) promised.push({ seq, hash: event.data as string, type: event.type });
      seq++;
    }
  }
  return promised;
}
