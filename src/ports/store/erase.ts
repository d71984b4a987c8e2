/** Erasing inside one record (R4): the same for every store, so that all mean the same by it. */
import { type EncodedRecord, parsePayloads, promisedPayloads } from '../../model/index.ts';

/** The payloads text without those at `seqs`, and how many went; null when nothing changes. */
export function withoutPayloads(
  record: EncodedRecord,
  seqs: ReadonlySet<number>,
): { payloads: string; erased: number } | null {
  if (record.payloads === '') return null;
  const payloads = parsePayloads(record.payloads);
  let erased = 0;
  promisedPayloads(record).forEach(({ seq }, i) => {
    if (!seqs.has(seq) || payloads[i] == null) return;
    payloads[i] = null;
    erased++;
  });
  return erased === 0 ? null : { payloads: JSON.stringify(payloads), erased };
}
