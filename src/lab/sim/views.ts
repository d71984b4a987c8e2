/** What is on disk, folded as it gets there: the truth that workers are held to. */
import { decodeRecord, foldTurn, newRunState, type EncodedRecord, type RunState } from '../../model/index.ts';
import type { Outcome } from '../../model/index.ts';

export interface SettledView {
  seq: number;
  /** Epoch of the record that settled it. */
  epoch: number;
  out: Outcome;
}

export interface RunView {
  readonly run: string;
  readonly state: RunState;
  /** The store's: raised by every claim. */
  epoch: number;
  owner: string | undefined;
  /** Of the latest record. */
  recordEpoch: number;
  /** Head at the latest barrier. */
  durable: number;
  settled: Map<string, SettledView>;
  /** `step|n` of every intent, with the seq of it. */
  begun: Map<string, number>;
  ended: Set<string>;
  frozen: Set<string>;
  heard: Set<string>;
  /** Letters that wait for it, as far as commits say. */
  letters: Set<string>;
  /** Steps whose effects were undone, in order. */
  undone: string[];
  /** Steps whose effects had no place in another way that was taken. */
  left: Set<string>;
  /** The runs that say they carry this one on. */
  continuedBy: Set<string>;
  /** Child runs by step. */
  children: Map<string, Set<string>>;
  /** From this event on the run comes to its end: the code is told to stop. */
  endingSeq: number;
  /** Keys of effects that a word of a person or of the author lets happen again, and how often. */
  redone: Map<string, number>;
  /** Children whose steps were worked anew: others have taken their places. */
  forsaken: Set<string>;
  /** Calls whose answers became results, as they were meant, and in which epoch. */
  results: { text: string; epoch: number }[];
  /** Drift that was found, and what became of it. */
  drifts: { step: string; choice: string | undefined }[];
  /** Who held it in each epoch, and what was left over when its code came to its end. */
  owners: Map<number, string>;
  orphans: { has: string[]; found: string[] } | undefined;
}

export function newView(run: string): RunView {
  return {
    run,
    state: newRunState(run),
    epoch: 1,
    owner: undefined,
    recordEpoch: 0,
    durable: 0,
    settled: new Map(),
    begun: new Map(),
    ended: new Set(),
    frozen: new Set(),
    heard: new Set(),
    letters: new Set(),
    undone: [],
    left: new Set(),
    continuedBy: new Set(),
    children: new Map(),
    endingSeq: Infinity,
    redone: new Map(),
    forsaken: new Set(),
    results: [],
    drifts: [],
    owners: new Map(),
    orphans: undefined,
  };
}

/** A state as text, without what a host forgets once the code has it. */
export function liveText(state: RunState): string {
  const steps = [...state.steps].map(([id, step]) => [
    id,
    step.settledSeq === 0 ? step : { ...step, input: undefined, output: undefined },
  ]);
  return JSON.stringify({ ...state, at: 0, steps }, plain);
}

export function wholeText(state: RunState): string {
  return JSON.stringify({ ...state, at: 0 }, plain);
}

/** Maps and sets in their order, objects without any. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Map || value instanceof Set) return [...value];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function foldRecords(run: string, records: readonly EncodedRecord[], until = Infinity): RunState {
  const state = newRunState(run);
  for (const record of records) {
    if (record.seq >= until) break;
    for (const turn of decodeRecord(record)) foldTurn(state, turn);
  }
  return state;
}

/** `r1.child~2` belongs to the tree of `r1`. */
export function rootOf(run: string): string {
  return run.split(/[.~]/, 1)[0]!;
}

export function firstDifference(fold: string, live: string): string {
  let at = 0;
  while (fold[at] === live[at]) at++;
  return `${fold.slice(Math.max(0, at - 60), at + 60)} <> ${live.slice(Math.max(0, at - 20), at + 60)}`;
}
