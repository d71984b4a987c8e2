/** A group of appends as one call of the schema's commit function: one round trip, one transaction. */
import { chainStart } from '../../model/index.ts';
import { FLAG } from './postgres-functions.ts';
import type { Sql } from './postgres-line.ts';
import type { Append, AppendResult } from './port.ts';

const WON: AppendResult = Object.freeze({ ok: true });
const MISSING: AppendResult = Object.freeze({ ok: false, why: 'missing', head: 0, epoch: 0 });

export async function commitGroup(
  sql: Sql,
  schema: string,
  member: number,
  appends: readonly Append[],
  barrier: boolean,
): Promise<AppendResult[]> {
  const order = writingOrder(appends);
  const arrays = encodeGroup(order.map((at) => appends[at]!));
  const holders = arrays.map((_, i) => `$${i + 3}`).join(', ');
  const text = `select * from ${schema}.commit_1($1, $2, ${holders})`;
  const lost = await sql.unsafe<{ lost: number; lost_head: string | null; lost_epoch: string | null }[]>(
    text,
    [member, barrier, ...arrays],
    { prepare: true },
  );
  const results = appends.map((): AppendResult => WON);
  for (const row of lost) {
    const at = order[row.lost - 1]!;
    results[at] = row.lost_epoch === null ? MISSING : loss(appends[at]!, Number(row.lost_head), Number(row.lost_epoch));
  }
  return results;
}

function loss(append: Append, head: number, epoch: number): AppendResult {
  const why = append.create !== undefined ? 'exists' : epoch !== append.epoch ? 'epoch' : 'head';
  return { ok: false, why, head, epoch };
}

/**
 * By stream, so that all writers lock rows in one order and cannot block each other for ever; but as
 * given when a letter goes from one stream of the group to another, where the order may matter.
 */
function writingOrder(appends: readonly Append[]): number[] {
  const order = appends.map((_, at) => at);
  if (appends.length === 1) return order;
  const streams = new Set<string>();
  for (const { stream } of appends) streams.add(stream);
  for (const { stream, send } of appends) {
    if (send?.some(({ to }) => to !== stream && streams.has(to))) return order;
  }
  return order.sort((a, b) => {
    const left = appends[a]!.stream;
    const right = appends[b]!.stream;
    return left < right ? -1 : left > right ? 1 : a - b;
  });
}

/** Array literals, in the order of the function's parameters. */
function encodeGroup(appends: readonly Append[]): string[] {
  const a = {
    stream: [] as string[],
    epoch: [] as number[],
    head: [] as number[],
    flags: [] as number[],
    count: [] as number[],
    hash: [] as (string | null)[],
  };
  const r = { epoch: [] as (number | null)[], header: [] as (string | null)[], payloads: [] as (string | null)[] };
  const c = { needs: [] as string[], format: [] as number[], meta: [] as string[], created: [] as number[] };
  const t = { of: [] as number[], id: [] as string[] };
  const l = { of: [] as number[], to: [] as string[], id: [] as string[], due: [] as number[], body: [] as string[] };
  const n = { of: [] as number[], seq: [] as number[], state: [] as string[] };
  appends.forEach(({ stream, epoch, expectedHead, record, create, take, send, status, release, snapshot }, at) => {
    a.stream.push(stream);
    a.epoch.push(epoch);
    a.head.push(expectedHead);
    a.count.push(record?.count ?? 0);
    a.hash.push(record?.hash ?? (create === undefined ? null : chainStart(stream)));
    a.flags.push(
      (record === undefined ? 0 : FLAG.record) |
        (create === undefined ? 0 : FLAG.create) |
        (status === undefined ? 0 : FLAG[status]) |
        (release === true ? FLAG.release : 0),
    );
    r.epoch.push(record?.epoch ?? null);
    r.header.push(record?.header ?? null);
    r.payloads.push(record?.payloads ?? null);
    if (create !== undefined) {
      c.needs.push(create.needs);
      c.format.push(create.format);
      c.meta.push(create.meta);
      c.created.push(create.createdMs);
    }
    for (const id of take ?? []) {
      t.of.push(at + 1);
      t.id.push(id);
    }
    for (const letter of send ?? []) {
      l.of.push(at + 1);
      l.to.push(letter.to);
      l.id.push(letter.id);
      l.due.push(letter.dueMs);
      l.body.push(letter.body);
    }
    if (snapshot !== undefined) {
      n.of.push(at + 1);
      n.seq.push(snapshot.seq);
      n.state.push(snapshot.state);
    }
  });
  return [
    texts(a.stream),
    numbers(a.epoch),
    numbers(a.head),
    numbers(a.flags),
    numbers(a.count),
    texts(a.hash),
    numbers(r.epoch),
    texts(r.header),
    texts(r.payloads),
    texts(c.needs),
    numbers(c.format),
    texts(c.meta),
    numbers(c.created),
    numbers(t.of),
    texts(t.id),
    numbers(l.of),
    texts(l.to),
    texts(l.id),
    numbers(l.due),
    texts(l.body),
    numbers(n.of),
    numbers(n.seq),
    texts(n.state),
  ];
}

export function numbers(values: readonly (number | null)[]): string {
  return `{${values.map((value) => (value === null ? 'null' : String(Math.ceil(value)))).join(',')}}`;
}

export function texts(values: readonly (string | null)[]): string {
  let text = '{';
  for (const value of values) {
    if (text.length > 1) text += ',';
    text += value === null ? 'null' : `"${/["\\]/.test(value) ? value.replace(/["\\]/g, '\\$&') : value}"`;
  }
  return `${text}}`;
}
