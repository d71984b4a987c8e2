/**
 * The functions of a PostgreSQL store's schema: what must be one round trip and one transaction.
 * Their names carry a version, so that two versions of Skein can share a store while it is upgraded.
 */

import { claimFunction, letterFunctions, livenessFunctions } from './postgres-claim.ts';

/** Bits of `a_flags`. */
export const FLAG = { record: 1, create: 2, open: 4, ended: 8, release: 16 } as const;

export function functions(s: string): string {
  return commitFunction(s) + livenessFunctions(s) + letterFunctions(s) + claimFunction(s);
}

/**
 * Tries appends in the order given and returns only those that lost. The update of a stream's row
 * takes its lock and checks head and epoch at once, on the newest version of the row.
 */
function commitFunction(s: string): string {
  return `
create function ${s}.commit_1(
  me int, barrier boolean,
  a_stream text[], a_epoch bigint[], a_head bigint[], a_flags int[], a_count int[], a_hash text[],
  r_epoch bigint[], r_header text[], r_payloads text[],
  c_needs text[], c_format int[], c_meta text[], c_created bigint[],
  t_of int[], t_id text[],
  l_of int[], l_to text[], l_id text[], l_due bigint[], l_body text[],
  n_of int[], n_seq bigint[], n_state text[]
) returns table (lost int, lost_head bigint, lost_epoch bigint)
language plpgsql as $body$
#variable_conflict use_column
declare
  won boolean[];
  flags int;
  c int; t int; l int; n int;
  tries int := 0;
  losses bigint[];
  ts int := cardinality(t_of); ls int := cardinality(l_of); ns int := cardinality(n_of);
  ok boolean;
begin
  if not barrier then
    perform set_config('synchronous_commit', 'off', true);
  elsif current_setting('synchronous_commit') = 'off' then
    perform set_config('synchronous_commit', 'on', true);
  end if;
  loop
    begin
      won := array_fill(false, array[cardinality(a_stream)]);
      c := 0; t := 1; l := 1; n := 1;
      losses := '{}';
      for i in 1 .. cardinality(a_stream) loop
        flags := a_flags[i];
        if flags & ${FLAG.create} <> 0 then
          c := c + 1;
          insert into ${s}.streams (stream, head, hash, epoch, owner, status, needs, format, meta, created_ms)
            values (a_stream[i], a_count[i], a_hash[i], a_epoch[i],
              case when flags & ${FLAG.ended | FLAG.release} <> 0 then null else me end,
              case when flags & ${FLAG.ended} <> 0 then 'ended' else 'open' end,
              c_needs[c], c_format[c], c_meta[c], c_created[c])
            on conflict (stream) do nothing;
        elsif flags & ${FLAG.open | FLAG.ended | FLAG.release} = 0 then
          update ${s}.streams set head = head + a_count[i], hash = coalesce(a_hash[i], hash)
            where stream = a_stream[i] and epoch = a_epoch[i] and head = a_head[i];
        else
          update ${s}.streams set head = head + a_count[i], hash = coalesce(a_hash[i], hash),
              owner = case when flags & ${FLAG.ended | FLAG.release} <> 0 then null else owner end,
              status = case when flags & ${FLAG.ended} <> 0 then 'ended' when flags & ${FLAG.open} <> 0 then 'open' else status end
            where stream = a_stream[i] and epoch = a_epoch[i] and head = a_head[i];
        end if;
        ok := found;
        if ok then
          won[i] := true;
        else
          losses := losses || i::bigint || coalesce((select array[head, epoch] from ${s}.streams where stream = a_stream[i]), array[null, null]::bigint[]);
        end if;
        while t <= ts and t_of[t] = i loop
          if ok then delete from ${s}.letters where stream = a_stream[i] and id = t_id[t]; end if;
          t := t + 1;
        end loop;
        while l <= ls and l_of[l] = i loop
          if ok then
            insert into ${s}.letters (stream, id, due_ms, body) values (l_to[l], l_id[l], l_due[l], l_body[l]) on conflict (stream, id) do nothing;
          end if;
          l := l + 1;
        end loop;
        while n <= ns and n_of[n] = i loop
          if ok then
            insert into ${s}.snapshots (stream, seq, state) values (a_stream[i], n_seq[n], n_state[n])
              on conflict (stream) do update set seq = excluded.seq, state = excluded.state;
          end if;
          n := n + 1;
        end loop;
        if ok and flags & ${FLAG.open | FLAG.ended} <> 0 then
          update ${s}.letters set asleep = (flags & ${FLAG.ended} <> 0) where stream = a_stream[i] and asleep <> (flags & ${FLAG.ended} <> 0);
        end if;
      end loop;
      insert into ${s}.records (stream, seq, count, epoch, header, payloads, hash)
        select u.stream, u.head, u.count, u.epoch, u.header, u.payloads, u.hash
        from unnest(a_stream, a_head, a_count, r_epoch, r_header, r_payloads, a_hash, a_flags, won)
          as u (stream, head, count, epoch, header, payloads, hash, flags, won)
        where u.won and u.flags & ${FLAG.record} <> 0;
      exit;
    exception when deadlock_detected or serialization_failure then
      tries := tries + 1;
      if tries > 10 then raise; end if;
    end;
  end loop;
  for i in 0 .. cardinality(losses) / 3 - 1 loop
    lost := losses[i * 3 + 1]; lost_head := losses[i * 3 + 2]; lost_epoch := losses[i * 3 + 3];
    return next;
  end loop;
end $body$;
`;
}
