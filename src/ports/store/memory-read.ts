/** Finding places in a memory store: in a stream, and in the order of all appends. */
import type { MemoryState } from './memory-state.ts';
import type { LogPage } from './port.ts';

/** Index of the record that holds event `from`, or of the first after it. */
export function firstRecord(records: readonly { seq: number; count: number }[], from: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const record = records[middle]!;
    if (record.seq + record.count <= from) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function readLog({ log, restored }: MemoryState, from: number, limit: number): LogPage {
  const page: LogPage = { order: String(restored), records: [], next: log.length };
  for (let place = Math.max(0, from); place < log.length; place++) {
    if (page.records.length === limit) return { ...page, next: place };
    const { stream, seq } = log[place]!;
    const record = stream.records[firstRecord(stream.records, seq)];
    if (record?.seq === seq) page.records.push({ place, stream: stream.stream, record });
  }
  return page;
}
