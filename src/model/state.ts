/**
 * What a run is: the fold of its journal. Owned by its fold: events change it in place, and nobody
 * else does. It serialises to JSON for snapshots (snapshot.ts), so it holds data only.
 */
import type { FaultData, Json } from '../base/index.ts';
import type { AskFacts, Equality, Member } from './agreement.ts';
import type { SkillView, StepView } from './commands.ts';
import type { ForkPoint } from './events.ts';
import type { Lately } from './lately.ts';
import type { Plan, PlanBody } from './plan.ts';
import type {
  AgreeSpec,
  Amounts,
  ChildEffect,
  EffectClass,
  Outcome,
  ParentLink,
  Preference,
  Principal,
  RunOutcome,
  StepAsk,
  StepKind,
  StepSpec,
  Unasked,
} from './words.ts';

export interface AttemptState {
  n: number;
  agent: string;
  effect: EffectClass;
  /** open: no outcome yet; unknown: it may have happened. */
  status: 'open' | 'answered' | 'failed' | 'unknown';
  begunAt: number;
  /** Since the restore it was asked whether this call had been made before. */
  doubted?: boolean;
  keyed?: boolean;
  undoes?: boolean;
  reconciles?: boolean;
  held?: Amounts;
  lesser?: number;
  /** Asked again by a later owner: that it now fails does not say that it never happened. */
  again?: boolean;
  /** It was asked: it never happened. */
  known?: boolean;
  output?: Json;
  labels?: string[];
  fault?: FaultData;
  ask?: AskFacts;
  camp?: string;
  illegal?: string;
  /** It died with its worker. */
  gone?: boolean;
  /** The call was not made. */
  unasked?: Unasked;
}

export interface BranchState {
  out: Outcome;
  output?: Json;
  labels?: string[];
  fault?: FaultData;
}

export interface StepState {
  id: string;
  /** What its keys at sinks are made of, where that is not its id: the one it had when it was asked, or none that another has. */
  bornAs?: string;
  /** The plan does without it. */
  orphaned?: true;
  /** What code from before the edit that asked for it first calls it: in the journal it never had that name. */
  former?: string;
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
  /** Candidates found for this step alone. */
  view?: StepView;
  agree?: AgreeSpec;
  /** The way it goes on by: an index among its alternatives, -1 = its own skill; absent = not chosen. */
  way?: number;
  /** Why a person was asked what to do when no way was left. */
  asked?: FaultData;
  /** What persons answered to an agent's questions, by the question's key. */
  answers?: Record<string, Json>;
  /** Ways that came to a bad end. */
  tried?: number[];
  /** Steps whose effects are undone before the way goes on. */
  leaving?: string[];
  /** What it, or a step inside of it, had done when it settled was undone since: it counts as not done. */
  undone?: true;
  /** How the panel was chosen (agents), and whom it still waits for. */
  panel?: string[];
  members?: Member[];
  judges?: Member[];
  equal?: Equality;
  affords?: number;
  dueMs?: number;
  branches?: Map<string, BranchState>;
  frozen?: string[];
  /** map, join, loop: ids of the steps asked inside, by scope. */
  inside?: Map<string, string[]>;
  /** loop: turns done and what is carried. */
  turn?: number;
  carry?: Json;
  /** plan: the sub-plan that was its answer; what is inside stands in the scope of its own id. */
  graft?: PlanBody;
  /** map, join: how many branches ended well, and the first that failed. */
  branchesOk?: number;
  branchFailed?: string;
  child?: string;
  childEnded?: boolean;
  childHeld?: Amounts;
  /** The other hash, while a person decides on drift. */
  driftHash?: string;
  /** What was asked instead. */
  drifted?: StepAsk;
  /** drift answered `keep`: this hash is as good as its own. */
  keptHash?: string;
  keptKind?: StepKind;
  /** When its first failure came, until it is healed. */
  failingSince?: number;
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
  /** carried: an effect of the run that this one is a fork of, never undone here. */
  state: 'done' | 'undoing' | 'undone' | 'stuck' | 'carried';
  /** A child run did it, as this step of its own: what went in and came out is in that run's journal. */
  of?: ChildEffect['of'];
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
  /** What children drew, and what is still held for those whose step is worked anew, by child run. */
  lent: Map<string, Amounts>;
  /** What we asked our parent for, by want id; `child` when it is passed on for one. */
  wants: Map<string, BudgetWant>;
}

export interface BudgetWant {
  amounts: Amounts;
  step?: string;
  agent?: string;
  child?: { run: string; id: string };
  asked?: Amounts;
}

export interface SignalState {
  id: string;
  /** None in a snapshot from before it was kept. */
  by?: Principal;
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
  planHash?: string;
  /** The plan was changed while the run was under way: what stands is compared with what is asked. */
  replanned?: boolean;
  /** Declared ways have been taken: steps of such a way are scheduled like those of a plan. */
  hasWays?: boolean;
  /** Former ids of renamed steps: what was sent to them still arrives. */
  renamed: Map<string, string>;
  /** Workflows as data: how many steps of each scope are settled. */
  settledIn: Map<string, number>;
  parent?: ParentLink;
  forkOf?: { run: string; seq: number };
  blockEffects: boolean;
  traceparent?: string;
  drift?: 'keep' | 'redo';
  agents?: Record<string, string>;
  prefer?: Preference;
  worker?: string;
  epoch: number;
  /** It was taken over so often, and nothing has come of it since. */
  claims?: number;
  /** Set aside until a person says that it may go on. */
  quarantine?: { fault: FaultData; sinceMs: number };
  admittedAt: number;
  deadlineMs?: number;
  restoredMs?: number;
  budget: BudgetState;
  steps: Map<string, StepState>;
  /** Steps asked and not settled, in the order of asking. */
  open: Set<string>;
  /** Settled steps on whose drift a person must decide. */
  drifting?: Set<string>;
  /** Every child run ever started. */
  children?: Set<string>;
  /** Labels of everything settled so far: what the code may have looked at (workflows as code). */
  seen?: string[];
  skills: Map<string, SkillView>;
  signals: Map<string, SignalState[]>;
  /** Ids of outside messages already taken. */
  heard: Set<string>;
  /** Those of them that were refused: such a word may be said again when what stood against it is gone. */
  refused?: Set<string>;
  timers: Map<string, number>;
  /** Who failed last at which skill in this run, and has not answered since (`skill|agent`): no first choice. */
  suspects: Set<string>;
  /** Where ways are compared: what its own calls say of whom they were made to (`skill|agent`). */
  lately?: Map<string, Lately>;
  /** When it was last taken up, where ways are compared. */
  takenMs?: number;
  effects: EffectDone[];
  /** Keys of effects that were undone while it went on: for another way of a step. */
  undone?: Set<string>;
  /** Events whose payloads were said to be erased. */
  erased?: number[];
  /** It was read back without payloads that were erased. */
  lacks?: true;
  cancelling?: { by: Principal; reason: string; why: string };
  outcome?: RunOutcome;
  output?: Json;
  outputLabels?: string[];
  fault?: FaultData;
  next?: string;
  /** A next run that could not be begun: our parent waits for it, and was told what was spent until then. */
  unbegun?: { run: string; told: Amounts };
  /** The next run is to be a fork of this one. */
  forking?: ForkPoint;
}

/** Most runs never use most of these: they share one empty one, and `grown` makes their own at the first entry. */
const NO_MAP = new Map<never, never>();
const NO_SET = new Set<never>();
const NOTHING: Amounts = Object.freeze({});

/** The map to put a first or further entry into. */
export function grown<M extends Map<unknown, unknown> | Set<unknown>>(collection: M): M {
  if (collection.size > 0) return collection;
  return (collection instanceof Map ? new Map() : new Set()) as M;
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
    renamed: NO_MAP,
    settledIn: NO_MAP,
    blockEffects: false,
    epoch: 0,
    admittedAt: 0,
    budget: { limit: undefined, draws: false, held: NOTHING, spent: NOTHING, lent: NO_MAP, wants: NO_MAP },
    steps: new Map(),
    open: new Set(),
    skills: NO_MAP,
    signals: NO_MAP,
    heard: NO_SET,
    timers: NO_MAP,
    suspects: NO_SET,
    effects: [],
    // Named here, so that the object has its final shape from the start.
    goal: undefined,
    labels: undefined,
    input: undefined,
    plan: undefined,
    planHash: undefined,
    replanned: undefined,
    hasWays: undefined,
    lately: undefined,
    undone: undefined,
    takenMs: undefined,
    parent: undefined,
    forkOf: undefined,
    drift: undefined,
    agents: undefined,
    prefer: undefined,
    worker: undefined,
    claims: undefined,
    quarantine: undefined,
    drifting: undefined,
    refused: undefined,
    children: undefined,
    seen: undefined,
    deadlineMs: undefined,
    restoredMs: undefined,
    erased: undefined,
    lacks: undefined,
    cancelling: undefined,
    outcome: undefined,
    output: undefined,
    outputLabels: undefined,
    fault: undefined,
    next: undefined,
    unbegun: undefined,
    forking: undefined,
  };
}
