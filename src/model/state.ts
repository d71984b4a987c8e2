/**
 * What a run is: the fold of its journal. Owned by its fold: events change it in place, and nobody
 * else does. It serialises to JSON for snapshots (snapshot.ts), so it holds data only.
 */
import type { FaultData, Json } from '../base/index.ts';
import type { SkillView } from './commands.ts';
import type { Plan } from './plan.ts';
import type {
  AgreeSpec,
  Amounts,
  EffectClass,
  Outcome,
  ParentLink,
  Principal,
  RunOutcome,
  StepAsk,
  StepKind,
  StepSpec,
} from './words.ts';

export interface AttemptState {
  n: number;
  agent: string;
  effect: EffectClass;
  /** open: no outcome yet; unknown: it may have happened. */
  status: 'open' | 'answered' | 'failed' | 'unknown';
  begunAt: number;
  keyed?: boolean;
  undoes?: boolean;
  reconciles?: boolean;
  held?: Amounts;
  lesser?: number;
  /** Asked again by a later owner: that it now fails does not say that it never happened. */
  again?: boolean;
  output?: Json;
  labels?: string[];
  fault?: FaultData;
}

export interface BranchState {
  out: Outcome;
  output?: Json;
  labels?: string[];
  fault?: FaultData;
}

export interface StepState {
  id: string;
  /** Its first id, when it was renamed: what its sinks know it by. */
  bornAs?: string;
  kind: StepKind;
  hash: string;
  spec: StepSpec;
  /** Where it is: what it waits for while it is not settled. */
  at: 'asked' | 'gated' | 'working' | 'budget' | 'person' | 'drifted' | 'settled';
  /** Open when the run was taken over, and not asked for since: nothing of it begins. */
  asleep?: boolean;
  /** A person with the right let this effect pass. */
  passed?: boolean;
  askedAt: number;
  input?: Json;
  labels?: string[];
  out?: Outcome;
  output?: Json;
  fault?: FaultData;
  /** Position of its settling event: the order of release. 0 = not settled. */
  settledSeq: number;
  attempts?: AttemptState[];
  /** The goal now worked for: absent = the goal itself. */
  lesser?: number;
  agree?: AgreeSpec;
  /** How the panel was chosen (agents), and whom it still waits for. */
  panel?: string[];
  dueMs?: number;
  branches?: Map<string, BranchState>;
  frozen?: string[];
  /** map, join, loop: ids of the steps asked inside, by scope. */
  inside?: Map<string, string[]>;
  /** loop: turns done and what is carried. */
  turn?: number;
  carry?: Json;
  child?: string;
  /** The other hash, while a person decides on drift. */
  driftHash?: string;
  /** What was asked instead. */
  drifted?: StepAsk;
  /** drift answered `keep`: this hash is as good as its own. */
  keptHash?: string;
  keptKind?: StepKind;
  /** When its first failure came, until it is healed. */
  failingSince?: number;
  /** The agent that is to be asked once more. */
  again?: string;
  tries?: number;
}

/** A settled effect that an abort would undo. */
export interface EffectDone {
  step: string;
  agent: string;
  skill: string;
  key: string;
  effect: EffectClass;
  undoes: boolean;
  input?: Json;
  output?: Json;
  state: 'done' | 'undoing' | 'undone' | 'stuck';
  /** It landed after its step was cancelled: undone however the run ends. */
  unwanted?: boolean;
  tries: number;
}

export interface BudgetState {
  limit?: Amounts;
  /** Draws from its parent: `limit` is then what was granted so far. */
  draws: boolean;
  /** Only these dimensions may be drawn; absent = all. */
  drawn?: (keyof Amounts)[];
  held: Amounts;
  spent: Amounts;
  /** What is held for children, by child run: budgets of their own, and what they drew. */
  lent: Map<string, Amounts>;
  /** What we asked our parent for, by want id; `child` when it is passed on for one. */
  wants: Map<string, BudgetWant>;
}

export interface BudgetWant {
  amounts: Amounts;
  step?: string;
  child?: { run: string; id: string };
  asked?: Amounts;
}

export interface SignalState {
  id: string;
  data?: Json;
  labels?: string[];
}

export interface RunState {
  run: string;
  /** Events so far. */
  head: number;
  /** Time of the latest turn. */
  at: number;
  phase: 'new' | 'running' | 'ending' | 'ended';
  workflow: string;
  version: string;
  engine: string;
  by: Principal;
  seed: string;
  goal?: string;
  labels?: string[];
  input?: Json;
  plan?: Plan;
  parent?: ParentLink;
  forkOf?: { run: string; seq: number };
  blockEffects: boolean;
  worker?: string;
  epoch: number;
  admittedAt: number;
  deadlineMs?: number;
  restoredMs?: number;
  budget: BudgetState;
  steps: Map<string, StepState>;
  /** Steps asked and not settled, in the order of asking. */
  open: Set<string>;
  /** Settled steps on whose drift a person must decide. */
  drifting?: Set<string>;
  /** Former ids, and what they are called now. */
  renamed?: Map<string, string>;
  /** Every child run ever started. */
  children?: Set<string>;
  /** Labels of everything settled so far: what the code may have looked at (workflows as code). */
  seen?: string[];
  skills: Map<string, SkillView>;
  signals: Map<string, SignalState[]>;
  /** Ids of outside messages already taken. */
  heard: Set<string>;
  timers: Map<string, number>;
  effects: EffectDone[];
  cancelling?: { by: Principal; reason: string; why: string };
  outcome?: RunOutcome;
  output?: Json;
  outputLabels?: string[];
  fault?: FaultData;
  next?: string;
}

export function newRunState(run: string): RunState {
  return {
    run,
    head: 0,
    at: 0,
    phase: 'new',
    workflow: '',
    version: '',
    engine: '',
    by: { id: '', rights: [] },
    seed: '',
    blockEffects: false,
    epoch: 0,
    admittedAt: 0,
    budget: { draws: false, held: {}, spent: {}, lent: new Map(), wants: new Map() },
    steps: new Map(),
    open: new Set(),
    skills: new Map(),
    signals: new Map(),
    heard: new Set(),
    timers: new Map(),
    effects: [],
  };
}

/** Key of a step's call at a sink: never attempt or epoch. */
export function effectKey(state: RunState, step: StepState): string {
  return `${state.run}:${step.bornAs ?? step.id}:${step.hash}`;
}

/** The step that an id from outside means: its present one, or one that was called so. */
export function stepCalled(state: RunState, id: string): StepState | undefined {
  let name = id;
  for (let i = 0; i <= (state.renamed?.size ?? 0); i++) {
    const step = state.steps.get(name);
    if (step !== undefined) return step;
    const next = state.renamed?.get(name);
    if (next === undefined) return undefined;
    name = next;
  }
  return undefined;
}

/** The skill of the goal that an attempt works for: the step's own, or a lesser one. */
export function goalSkill(step: StepState, lesser: number | undefined): string {
  return (lesser === undefined ? step.spec.skill : step.spec.lesser?.[lesser]?.skill) ?? step.spec.skill ?? '';
}
