/** Diff: where two runs part, step by step and at the first event, for a person and as JSON. */
import { canonicalJson } from '../base/index.ts';
import type { Event } from '../model/index.ts';
import type { Store } from '../ports/store/index.ts';
import { type StepTale, type Tale, tellRun } from './tale.ts';

export interface StepDiff {
  step: string;
  /** By member of a step's tale: what it is in a, and in b. Absent where only one run has the step. */
  differs: Record<string, [unknown, unknown]>;
  only?: 'a' | 'b';
}

export interface RunDiff {
  a: string;
  b: string;
  equal: boolean;
  /** Members of the runs themselves: workflow, version, input, outcome, output, fault, spent. */
  run: Record<string, [unknown, unknown]>;
  steps: StepDiff[];
  /** The first events that are not the same, times and ids of the runs aside. */
  first?: { a?: At; b?: At };
}

interface At {
  seq: number;
  event: Event;
}

/** The members of a tale that are compared; times and positions differ by nature. */
const STEP_MEMBERS = [
  'kind',
  'hash',
  'input',
  'out',
  'output',
  'fault',
  'labels',
  'agents',
  'attempts',
  'turns',
  'spent',
] as const;
const RUN_MEMBERS = ['workflow', 'version', 'input', 'outcome', 'output', 'fault', 'spent', 'forkOf'] as const;

export async function diffRuns(store: Store, a: string, b: string, other: Store = store): Promise<RunDiff> {
  const [one, two] = [await tellRun(store, a), await tellRun(other, b)];
  const run = differing(one, two, RUN_MEMBERS);
  const steps: StepDiff[] = [];
  for (const id of new Set([...one.steps.keys(), ...two.steps.keys()])) {
    const [inA, inB] = [one.steps.get(id), two.steps.get(id)];
    if (inA === undefined || inB === undefined)
      steps.push({ step: id, only: inA === undefined ? 'b' : 'a', differs: {} });
    else {
      const differs = differing<StepTale>(inA, inB, STEP_MEMBERS);
      if (Object.keys(differs).length > 0) steps.push({ step: id, differs });
    }
  }
  const first = firstDifference(one, two);
  const equal = first === undefined && steps.length === 0 && Object.keys(run).length === 0;
  return { a, b, equal, run, steps, first };
}

function differing<T>(a: T, b: T, members: readonly (keyof T & string)[]): Record<string, [unknown, unknown]> {
  const differs: Record<string, [unknown, unknown]> = {};
  for (const member of members) {
    if (canonicalJson(a[member]) !== canonicalJson(b[member])) differs[member] = [a[member], b[member]];
  }
  return differs;
}

function firstDifference(a: Tale, b: Tale): RunDiff['first'] {
  const [left, right] = [events(a), events(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    if (left[i]?.text !== right[i]?.text) return { a: left[i]?.at, b: right[i]?.at };
  }
  return undefined;
}

/** Members that differ between runs by nature. */
const BY_NATURE = new Set(['seed', 'dueMs', 'deadlineMs', 'worker', 'tookMs', 'position', 'id']);

/** Events as they would be had both runs the same id, seed, worker and clock. */
function events({ run, turns }: Tale): { text: string; at: At }[] {
  let seq = 0;
  return turns.flatMap((turn) =>
    turn.events.map((event) => {
      const bare = Object.fromEntries(Object.entries(event).filter(([member]) => !BY_NATURE.has(member)));
      return { text: canonicalJson(bare).replaceAll(run, '<run>'), at: { seq: seq++, event } };
    }),
  );
}

/** Some lines for a person; values are cut short. */
export function describeDiff(diff: RunDiff): string {
  if (diff.equal) return `${diff.a} and ${diff.b} are equal`;
  const lines = [`a = ${diff.a}`, `b = ${diff.b}`];
  for (const [member, values] of Object.entries(diff.run)) lines.push(line(member, values));
  for (const { step, only, differs } of diff.steps) {
    if (only !== undefined) lines.push(`step ${step}: only in ${only}`);
    else lines.push(`step ${step}:`, ...Object.entries(differs).map(([member, values]) => `  ${line(member, values)}`));
  }
  if (diff.first !== undefined) {
    lines.push('first event that differs:');
    for (const side of ['a', 'b'] as const) {
      const at = diff.first[side];
      lines.push(`  ${side}: ${at === undefined ? 'none' : `${at.seq} ${short(at.event)}`}`);
    }
  }
  return lines.join('\n');
}

function line(member: string, [a, b]: [unknown, unknown]): string {
  return `${member}: ${short(a)} | ${short(b)}`;
}

const MOST = 160;

function short(value: unknown): string {
  if (value === undefined) return '-';
  const text = JSON.stringify(value);
  return text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text;
}
