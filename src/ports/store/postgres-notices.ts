/** Notices to other workers that there may be something for them: a payload is `sender>owner,owner` or `sender>*`. */
import { texts } from './postgres-commit.ts';
import type { Line } from './postgres-line.ts';
import type { Append } from './port.ts';

/** A notice may have 8000 bytes. */
const MAX_NOTICE_CHARS = 7000;

export interface Notices {
  /** Tells the owners of these streams, or everyone, without waiting for it. Losing one is no harm. */
  ring(streams: Iterable<string>, everyone?: boolean): void;
}

/**
 * One notice under way at a time, and what comes meanwhile goes with the next: the server lets only
 * one transaction with a notice commit at a time, so notices go apart from commits.
 */
export function createNotices(line: Line, schema: string, channel: string, from: number): Notices {
  const waiting = new Set<string>();
  let all = false;
  let under = false;

  async function send(): Promise<void> {
    under = true;
    while (waiting.size > 0 || all) {
      const [streams, everyone] = [[...waiting], all];
      waiting.clear();
      all = false;
      const text = `select pg_notify($1, $2::text || '>' || case when length(w) > ${MAX_NOTICE_CHARS} then '*' else w end)
        from (select case when $3::boolean then '*' else string_agg(distinct coalesce(owner::text, '*'), ',') end as w
          from ${schema}.streams where stream = any ($4::text[]) and status = 'open' and owner is distinct from $2::int) x
        where w is not null`;
      const values = [channel, from, everyone, texts(everyone ? [] : streams)];
      await line.run('notice', (sql) => sql.unsafe(text, values, { prepare: true })).catch(() => {});
    }
    under = false;
  }

  return {
    ring(streams, everyone = false) {
      for (const stream of streams) waiting.add(stream);
      all ||= everyone;
      if (!under) void send();
    },
  };
}

/** Whether a payload is for this member, and not from it. */
export function isFor(member: number, payload: string): boolean {
  const [from, to = ''] = payload.split('>');
  return from !== String(member) && to.split(',').some((one) => one === '*' || one === String(member));
}

/** Streams that were sent letters by others of the group, and whether some stream was given up. */
export function strangers(appends: readonly Append[]): { streams: Set<string>; given: boolean } {
  const streams = new Set<string>();
  let given = false;
  for (const { stream, send, release } of appends) {
    given ||= release === true;
    for (const { to } of send ?? []) if (to !== stream) streams.add(to);
  }
  return { streams, given };
}
