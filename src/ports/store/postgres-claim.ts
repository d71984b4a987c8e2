/** Functions of a PostgreSQL store's schema for who lives, what is due, and who takes over what. */

/** So many letters are looked at one by one before their streams are gone through. */
const LOOK = 1000;

/**
 * A member lives while its lease runs by the database's clock and a connection of its own holds its
 * lock, which the server frees at once when its process dies. After a start of the server a lease runs
 * anew from when the server first answered any of us, and a lock that the restart freed proves nothing.
 */
export function livenessFunctions(s: string): string {
  return `
create function ${s}.lock_class() returns int language sql stable as $body$ select hashtext('skein ' || current_database() || ' ' || '${s.replaceAll("'", "''")}') $body$;

-- Looked up and not tried for: whoever tries a lock holds it for a moment, in the way of others.
create function ${s}.living_1() returns setof int
language sql volatile as $body$
  select member from ${s}.members
  where not has_left
    and clock_timestamp() < greatest(lease_until, lease_ms * interval '1 ms'
      + coalesce((select opened from ${s}.server_run where start = pg_postmaster_start_time()), clock_timestamp()))
    and (server_start is distinct from pg_postmaster_start_time() or member = any (array(
      select objid::bigint::int from pg_locks
      where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
        and classid::bigint = (${s}.lock_class()::bigint & 4294967295) and objsubid = 2 and mode = 'ShareLock' and granted)))
$body$;

-- A member that woke after its row was swept may own streams and have no row: it is as dead as its row.
create function ${s}.dead_1(me int) returns setof int
language sql volatile as $body$
  with recursive owners as (
    (select owner from ${s}.streams where owner is not null order by owner limit 1)
    union all
    select (select s.owner from ${s}.streams s where s.owner > o.owner order by s.owner limit 1) from owners o where o.owner is not null)
  select * from (select member from ${s}.members union select owner from owners where owner is not null) as known (member)
    where member <> me
  except select ${s}.living_1()
$body$;

create function ${s}.note_start_1() returns void
language sql as $body$
  update ${s}.server_run set start = pg_postmaster_start_time(), opened = clock_timestamp() where start <> pg_postmaster_start_time()
$body$;

create function ${s}.beat_1(me int, my_worker text, my_since timestamptz, my_lease_ms int) returns void
language sql as $body$
  select ${s}.note_start_1();
  insert into ${s}.members (member, worker, since, lease_ms, lease_until, server_start)
    values (me, my_worker, my_since, my_lease_ms, clock_timestamp() + my_lease_ms * interval '1 ms', pg_postmaster_start_time())
  on conflict (member) do update set lease_until = excluded.lease_until, server_start = excluded.server_start
    where not members.has_left
$body$;

create function ${s}.join_1(my_worker text, my_lease_ms int, out me int, out since timestamptz)
language plpgsql as $body$
begin
  perform pg_advisory_xact_lock(${s}.lock_class(), 0);
  if exists (select from ${s}.members m join ${s}.living_1() as l (member) using (member) where m.worker = my_worker) then return; end if;
  me := nextval(pg_get_serial_sequence('${s}.members', 'member'));
  since := clock_timestamp();
  -- The lock of the session comes with the row: a join whose answer is lost is dead with its connection.
  perform pg_advisory_lock_shared(${s}.lock_class(), me), ${s}.beat_1(me, my_worker, since, my_lease_ms);
end $body$;
`;
}

/**
 * Letters in the order in which they fall due say nothing of who owns their streams. So the first few
 * are looked at one by one, which nearly always does; only when none of many is for us, as when
 * another worker is far behind, we go by our streams. All this whatever the planner believes: tables
 * may grow from nothing to millions of rows before it is told.
 */
export function letterFunctions(s: string): string {
  const waiting = `select * from ${s}.letters where not asleep`;
  const streamOf = (l: string, test: string): string =>
    `(select ${test} from ${s}.streams s where s.stream = ${l}.stream)`;
  return `
create function ${s}.due_1(me int, now_ms bigint, most int)
returns table (o_stream text, o_id text, o_due_ms bigint, o_body text)
language plpgsql as $body$
declare
  got int;
  last_due bigint;
  last_arrival bigint;
begin
  return query select l.stream, l.id, l.due_ms, l.body
    from (${waiting} and due_ms <= now_ms order by due_ms, arrival limit ${LOOK} + most) l
    where ${streamOf('l', `s.owner = me and s.status = 'open'`)} limit most;
  get diagnostics got = row_count;
  if got >= most then return; end if;
  select l.due_ms, l.arrival into last_due, last_arrival
    from (${waiting} and due_ms <= now_ms order by due_ms, arrival offset ${LOOK} + most - 1 limit 1) l;
  if not found then return; end if;
  return query select l.stream, l.id, l.due_ms, l.body from ${s}.streams s join ${s}.letters l using (stream)
    where s.owner = me and s.status = 'open' and not l.asleep and l.due_ms <= now_ms and (l.due_ms, l.arrival) > (last_due, last_arrival)
    order by l.due_ms, l.arrival limit most - got;
end $body$;

create function ${s}.next_due_1(me int) returns bigint
language plpgsql as $body$
declare
  soonest bigint;
begin
  select l.due_ms into soonest from (${waiting} order by due_ms, arrival limit ${LOOK}) l
    where ${streamOf('l', `(s.owner = me or s.owner is null) and s.status = 'open'`)} limit 1;
  if found then return soonest; end if;
  if not exists (${waiting} order by due_ms, arrival offset ${LOOK} limit 1) then return null; end if;
  return least(
    (select min(l.due_ms) from ${s}.streams s join ${s}.letters l using (stream) where s.owner = me and s.status = 'open' and not l.asleep),
    (select min(l.due_ms) from ${s}.streams s join ${s}.letters l using (stream) where s.owner is null and s.status = 'open' and not l.asleep));
end $body$;
`;
}

export function claimFunction(s: string): string {
  const fits = `status = 'open' and format <= max_format and (has is null or needs = '' or needs = any (has))`;
  const due = `select * from ${s}.letters where not asleep and due_ms <= now_ms order by due_ms, arrival limit ${LOOK}`;
  const columns = 'stream, head, hash, epoch, status, needs, format, meta, created_ms';
  const returning = columns
    .split(', ')
    .map((name) => `x.${name}`)
    .join(', ');
  return `
create function ${s}.claim_1(me int, has text[], max_format int, most int, now_ms bigint, only_stream text, stray text[])
returns table (${columns
    .split(', ')
    .map((name) => `o_${name} ${/head|epoch|created/.test(name) ? 'bigint' : name === 'format' ? 'int' : 'text'}`)
    .join(', ')})
language plpgsql as $body$
declare
  dead int[];
  wanted text[];
  got int;
begin
  if current_setting('synchronous_commit') = 'off' then
    perform set_config('synchronous_commit', 'on', true);
  end if;
  perform ${s}.note_start_1();
  dead := array(select ${s}.dead_1(me));
  if only_stream is not null then
    return query update ${s}.streams x set epoch = epoch + 1, owner = me
      where stream = only_stream and ${fits} and (owner is null or owner = any (dead) or (owner = me and stream = any (stray)))
      returning ${returning};
    return;
  end if;
  if cardinality(dead) > 0 or cardinality(stray) > 0 then
    return query with c as (
        select stream from ${s}.streams where ${fits} and (owner = any (dead) or (owner = me and stream = any (stray)))
        limit most for update skip locked)
      update ${s}.streams x set epoch = epoch + 1, owner = me from c where x.stream = c.stream
      returning ${returning};
    get diagnostics got = row_count;
    most := most - got;
    delete from ${s}.members m where m.member = any (dead) and not exists (select from ${s}.streams where owner = m.member);
  end if;
  -- Letters that came after their stream had ended; its row is held, so that it is not opened again meanwhile.
  wanted := array(select distinct l.stream from (${due}) l where (select s.status = 'ended' from ${s}.streams s where s.stream = l.stream));
  if cardinality(wanted) > 0 then
    with ended as (select stream from ${s}.streams where stream = any (wanted) and status = 'ended' order by stream for update skip locked)
      update ${s}.letters x set asleep = true from ended where x.stream = ended.stream and not x.asleep;
  end if;
  if most <= 0 then return; end if;
  wanted := array(select l.stream from (${due}) l
    where (select owner is null and ${fits} from ${s}.streams s where s.stream = l.stream)
    group by l.stream order by min(l.due_ms), min(l.arrival) limit most * 2::bigint);
  if cardinality(wanted) < most and exists (${due} offset ${LOOK} - 1) then
    wanted := array(select stream from ${s}.streams s where owner is null and ${fits}
      and exists (select from ${s}.letters l where l.stream = s.stream and not l.asleep and l.due_ms <= now_ms) limit most * 2::bigint);
  end if;
  if cardinality(wanted) = 0 then return; end if;
  return query with c as (
      select stream from ${s}.streams where stream = any (wanted) and owner is null and ${fits}
      order by array_position(wanted, stream) limit most for update skip locked)
    update ${s}.streams x set epoch = epoch + 1, owner = me from c where x.stream = c.stream
    returning ${returning};
end $body$;
`;
}
