/**
 * Golden journals: written by some version, folded by every later one to equal state, and replayed equal
 * by the engine that wrote them. See scripts/golden.ts. A file here is never changed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  chainNext,
  chainStart,
  decodeRecord,
  type EncodedRecord,
  foldTurn,
  newRunState,
  stateToText,
} from '../../src/model/index.ts';
import { replayTurns } from '../../src/site/replay.ts';
import { ENGINE } from '../../src/site/site.ts';
import { eventTypes } from '../workloads/index.ts';

interface Golden {
  name: string;
  about: string;
  runs: { run: string; engine: string; records: EncodedRecord[]; state: unknown }[];
}

const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.json'));
const goldens = files.map((file) => JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8')) as Golden);
const journals = goldens.flatMap(({ name, runs }) => runs.map((one) => ({ name, ...one })));

/** Engines whose decisions are kept to the byte. */
const REPLAYED = new Set(['skein/1', ENGINE]);

/** Event types that no golden journal has, and why. */
const WITHOUT: Record<string, string> = {};

/** All that the version which wrote it knew is still so; a later version may know more. */
function lost(kept: unknown, now: unknown, place = 'state'): string[] {
  if (typeof kept !== 'object' || kept === null || typeof now !== 'object' || now === null)
    return Object.is(kept, now) ? [] : [`${place}: ${JSON.stringify(kept)} is now ${JSON.stringify(now)}`];
  if (Array.isArray(kept) && kept.length !== (now as unknown[]).length)
    return [`${place}: ${kept.length} entries are now ${(now as unknown[]).length}`];
  return Object.entries(kept).flatMap(([member, value]) =>
    lost(value, (now as Record<string, unknown>)[member], `${place}.${member}`),
  );
}

describe('golden journals', () => {
  test.each(journals)('$name: $run', ({ run, engine, records, state }) => {
    let hash = chainStart(run);
    for (const record of records) {
      hash = chainNext(hash, record.header);
      expect(record.hash).toBe(hash);
    }
    const folded = newRunState(run);
    for (const record of records) for (const turn of decodeRecord(record)) foldTurn(folded, turn);
    // The first versions kept no mark on what stands for an erased payload.
    const text = stateToText(folded).replaceAll('{"$erased":true}', '{"erased":true}');
    expect(lost(state, JSON.parse(text))).toEqual([]);
    if (REPLAYED.has(engine)) expect(replayTurns(run, records.flatMap(decodeRecord))).toBeUndefined();
  });

  test('have every type of event, but for those that say why not', () => {
    const seen = new Set<string>();
    for (const { records } of journals)
      for (const record of records)
        for (const turn of decodeRecord(record)) for (const event of turn.events) seen.add(event.type);
    const types = eventTypes();
    expect(types.length).toBeGreaterThan(40);
    expect(types.filter((type) => !seen.has(type) && WITHOUT[type] === undefined)).toEqual([]);
    expect(Object.keys(WITHOUT).filter((type) => seen.has(type) || !types.includes(type))).toEqual([]);
  });

  test('what a later version has lost is found', () => {
    expect(lost({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }], c: 3 })).toEqual([]);
    expect(lost({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] })).toEqual(['state.a.1.b: 2 is now 3']);
    expect(lost({ a: [1] }, { a: [] })).toEqual(['state.a: 1 entries are now 0']);
    expect(lost({ a: {} }, {})).toEqual(['state.a: {} is now undefined']);
  });
});
