/** What the suite says at the end: the tables, the notes, what went wrong. */
import type { Figures } from './engine.ts';
import type { Rounds } from './measure.ts';
import type { Subject } from './subjects.ts';
import { type Column, count, millis, table, times } from './table.ts';
import { GRAPH, idealMs, SEQUENTIAL } from './workloads.ts';

const ENGINE_COLUMNS: readonly Column[] = [
  { title: 'engine', width: 26 },
  { title: 'kept when a step is done', width: 24 },
  { title: '1 run', width: 7, right: true },
  { title: '100 runs', width: 8, right: true },
  { title: '12-graph', width: 8, right: true },
  { title: '1000 seq', width: 8, right: true },
  { title: 'graph', width: 6, right: true },
];

const EXTRAS = ['resume', 'loop', 'bytes1000', 'bytes50000', 'bytesEvicted'];
export const isEngine = ({ key }: Subject): boolean => key !== 'raw' && !EXTRAS.includes(key);

function engineTable(rounds: Rounds, subjects: readonly Subject[]): string {
  const row = ({ key }: Subject): string[] => {
    const answer = rounds.answers(key)[0];
    if (!answer) return [key, 'not measured'];
    const of = (figure: keyof Figures) => rounds.figure(key, figure);
    const speeds = [of('one'), of('hundred'), of('graph')].map(count);
    return [answer.name, answer.kept, ...speeds, millis(of('sleepingMs')), millis(of('sleepingGraphMs'))];
  };
  return table(ENGINE_COLUMNS, subjects.filter(isEngine).map(row));
}

/** Ours over the other, so that more is better in each column. */
function ratioTable(rounds: Rounds, pairs: readonly (readonly [own: string, other: string])[]): string {
  const columns: Column[] = [
    { title: 'ours over theirs (more is better)', width: 46 },
    ...['1 run', '100 runs', '12-graph', '1000 seq', 'graph'].map((title) => ({
      title,
      width: 8,
      right: true,
    })),
  ];
  const rows = pairs.map(([own, other]) => {
    const speed = (figure: keyof Figures) => times(rounds.ratio(figure, own, other));
    const wait = (figure: keyof Figures) => times(rounds.ratio(figure, other, own));
    const label = `${rounds.answers(own)[0]?.name ?? own} / ${rounds.answers(other)[0]?.name ?? other}`;
    return [label, speed('one'), speed('hundred'), speed('graph'), wait('sleepingMs'), wait('sleepingGraphMs')];
  });
  return table(columns, rows);
}

/**
 * Mostly equals with equals: what syncs each step against its like, what syncs later or never
 * against its like. The exception is durable / journal40Wide: one barrier a run against ten.
 */
export const PAIRS: readonly (readonly [string, string])[] = [
  ['durableBarrier', 'journal40'],
  ['durableBarrier', 'journal40Wide'],
  ['durable', 'journal40Wide'],
  ['durable', 'journal40Normal'],
  ['memory', 'bare'],
  ['durableBarrier', 'restate'],
  ['durable', 'langgraphSqlite'],
  ['durable', 'mastraLibsql'],
  ['memory', 'langgraph'],
  ['memory', 'langgraphMemory'],
  ['memory', 'mastra'],
];

function floorLines(rounds: Rounds): string[] {
  const raw = (figure: string) => rounds.figure('raw', figure);
  const sync = raw('syncMicros');
  if (rounds.answers('raw').length === 0) return [];
  const lies = sync !== undefined && sync < 20;
  return [
    `raw appends of 351 B, FULL: ${count(raw('append100'))}/s in groups of 100, ${count(raw('append1'))}/s one by one`,
    `one write and fdatasync of 4 KiB: ${sync?.toFixed(0) ?? '-'} us` +
      (lies ? '; NOTHING REACHES A DISK HERE: read no row as synced' : ''),
  ];
}

export function report(rounds: Rounds, subjects: readonly Subject[], missing: ReadonlyMap<string, string>): string {
  const keys = new Set(subjects.map(({ key }) => key));
  const measured = (key: string) => rounds.answers(key).length > 0;
  const pairs = PAIRS.filter(([own, other]) => measured(own) && measured(other));
  const troubles = [
    ...[...missing].map(([name, reason]) => `${name} cannot run here: ${reason}`),
    ...[...keys].flatMap((key) => [...new Set(rounds.failures(key))].map((why) => `${key}: ${why}`)),
  ];
  const extras = EXTRAS.flatMap((key) =>
    Object.keys(rounds.answers(key)[0]?.figures ?? {}).map(
      (figure) => `${key} ${figure}: ${rounds.figure(key, figure)?.toPrecision(4)}`,
    ),
  );
  const parts = [
    `medians of ${rounds.rounds} interleaved rounds; steps/s, steps/s, runs/s, then ms for 1,000 sleeping runs\n` +
      `(ideal ${idealMs(SEQUENTIAL)} and ${idealMs(GRAPH)} ms)`,
    engineTable(rounds, subjects),
    floorLines(rounds).join('\n'),
    extras.join('\n'),
    pairs.length > 0 ? ratioTable(rounds, pairs) : '',
    troubles.length > 0 ? `not measured, and why:\n${troubles.map((line) => `  ${line}`).join('\n')}` : '',
    NOT_MEASURED,
  ];
  return parts.filter(Boolean).join('\n\n');
}

const NOT_MEASURED = `what this does not measure
  steps that do anything: they add one, or sleep; answers are a few bytes; no agent, no network
  journal40: ownership, a chain, intents, timers, resuming; rows of 351 B are as wide as an event
  rows that differ in "kept": "synced each step" survives a power cut at once, "synced later" does not
  LangGraph saves while the next step runs; its saver sits on node:sqlite, not better-sqlite3
  Restate pays for a server process and HTTP; all of it shares the cores with the load
  long runs, large histories, many processes on one store, days of uptime
  differences under 1.5x on a shared machine mean nothing`;
