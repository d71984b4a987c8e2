/**
 * Long because it is one closed table: every event shape there is, to be read in one place.
 *
 * The events of a run, past tense. Shapes are for ever: members may be added, never changed.
 *
 * E1  A turn is what one input brought about; its first event holds the input's facts (`in` names it),
 *     so that replay can rebuild the input and decide again.
 * E2  An event has at most one payload, in `data`; everything else is header and stays for ever.
 */
import type { FaultData, Json } from '../base/index.ts';
import type { AskFacts, Equality, Member } from './agreement.ts';
import type {
  AgreeSpec,
  Amounts,
  Candidate,
  ChildEffect,
  ChooseFacts,
  Chosen,
  EffectClass,
  Outcome,
  ParentLink,
  Preference,
  Principal,
  RunOutcome,
  StepAsk,
  StepKind,
  StepSpec,
  Usage,
  Unasked,
} from './words.ts';

/** Which input a turn answers. */
export type InputKind =
  | 'admit'
  | 'claim'
  | 'asked'
  | 'branch'
  | 'turned'
  | 'returned'
  | 'candidates'
  | 'answer'
  | 'ran'
  | 'timer'
  | 'signal'
  | 'gate'
  | 'cancel'
  | 'child'
  | 'budget'
  | 'drift'
  | 'reconciled'
  | 'undone'
  | 'restored'
  | 'erase'
  | 'begun'
  | 'fork'
  | 'replan'
  | 'refused'
  | 'rested';

export interface Turn {
  /** Wall time at which the input arrived, ms since 1970. */
  at: number;
  in: InputKind;
  events: Event[];
}

interface Base {
  labels?: string[];
  data?: Json;
}

export interface RunAdmitted extends Base {
  type: 'run.admitted';
  run: string;
  workflow: string;
  version: string;
  by: Principal;
  /** The seed of everything random in this run. */
  seed: string;
  engine: string;
  format: number;
  goal?: string;
  /** Hash of the plan, for workflows as data; the plan itself is in `run.planned`. */
  plan?: string;
  budget?: Amounts;
  deadlineMs?: number;
  parent?: ParentLink;
  /** Set in a fork: where it came from. */
  forkOf?: { run: string; seq: number };
  /** Effects are refused in this run (forks, unless allowed). */
  blockEffects?: boolean;
  /** What drift does where neither ask nor step says it. */
  drift?: 'keep' | 'redo';
  /** Whom to ask for a skill in this run, whatever a step says. */
  agents?: Record<string, string>;
  /** Runs that this one carries on (continue as new). */
  continues?: string;
  /** W3C trace context of whoever asked for it. */
  traceparent?: string;
  /** What counts when agents are chosen, where a step does not say it. */
  prefer?: Preference;
}
/** data: the plan of a workflow as data. A later one replaces it, in parts not started. */
export interface RunPlanned extends Base {
  type: 'run.planned';
  hash: string;
  /** Who changed the plan of a run under way. */
  by?: Principal;
}
export interface RunClaimed extends Base {
  type: 'run.claimed';
  worker: string;
  epoch: number;
}
/** It came through: all that was under way is done, or its worker gives it up in good order. */
export interface RunRested extends Base {
  type: 'run.rested';
  why: 'waits' | 'stopped';
}
/** Worker after worker was lost with it, and nothing came of it: nothing of it begins before a person says so. */
export interface RunQuarantined extends Base {
  type: 'run.quarantined';
  /** Takes of it in a row of which nothing came. */
  claims: number;
  fault: FaultData;
}
export interface RunRestored extends Base {
  type: 'run.restored';
  /** When the backup was put back. */
  restoredMs: number;
}
export interface RunCancelling extends Base {
  type: 'run.cancelling';
  by: Principal;
  reason: string;
  why: 'asked' | 'deadline' | 'parent';
}
/** How it will end is decided; undo or the next run comes first. data: the output, or the next run's input. */
export interface RunEnding extends Base {
  type: 'run.ending';
  outcome: RunOutcome;
  fault?: FaultData;
  next?: string;
  /** The next run is a fork of this one. */
  fork?: ForkPoint;
}
/** What a run was before its event `at`, but for one step, which is to be worked anew. */
export interface ForkPoint {
  at: number;
  step: string;
  allowEffects?: boolean;
}
/** data: the output (absent after a `run.ending`, which holds it). */
export interface RunEnded extends Base {
  type: 'run.ended';
  outcome: RunOutcome;
  fault?: FaultData;
  spent?: Amounts;
  /** The run that carries on (continue as new). */
  next?: string;
}

/** data: the input. */
export interface StepAsked extends Base, Omit<StepAsk, 'labels' | 'data'> {
  type: 'step.asked';
}
/** The code asks again for a step that was open when its run was taken over; `spec` where that changed. */
export interface StepResumed extends Base {
  type: 'step.resumed';
  step: string;
  hash?: string;
  spec?: StepSpec;
}
export interface StepRenamed extends Base {
  type: 'step.renamed';
  step: string;
  was: string;
}
export interface StepRedone extends Base {
  type: 'step.redone';
  step: string;
  /** undone: it was part of a declared way, its effect was undone for another one, and a third needs it. */
  why: 'drift' | 'input' | 'fork' | 'undone';
}
/** data: the output, where it is not an attempt's answer. */
export interface StepSettled extends Base {
  type: 'step.settled';
  step: string;
  out: Outcome;
  /** The attempt whose answer is the output. */
  from?: number;
  fault?: FaultData;
  /** The lesser goal that was reached instead (its index). */
  lesser?: number;
}
export interface StepSkipped extends Base {
  type: 'step.skipped';
  step: string;
  /** Of a step that was never asked. */
  kind?: StepKind;
  cause: string;
}
/** No way is left to the goal: a declared lesser one is worked for instead. */
export interface StepDemoted extends Base {
  type: 'step.demoted';
  step: string;
  lesser: number;
}
/** Which way a step goes on, and what the others would have cost. */
export interface WayTaken extends Base {
  type: 'way.taken';
  step: string;
  /** Index among the alternatives; -1 = the step's own skill. */
  way: number;
  why: 'cheapest' | 'failed' | 'fork';
  /** Of the way taken, from where the work stands. */
  cost: number;
  /** The others: their cost, or what shuts them. */
  others?: { way: number; cost?: number; shut?: CutMember[] }[];
  /** What the way that is left had failed with. */
  fault?: FaultData;
  /** Steps whose effects do not fit this way: they are undone first, in this order. */
  undo?: string[];
}
export interface StepOrphaned extends Base {
  type: 'step.orphaned';
  step: string;
}
export interface DriftFound extends Base {
  type: 'drift.found';
  step: string;
  had: string;
  has: string;
  /** What is asked now, without its input. */
  ask?: StepAsk;
}
export interface DriftAnswered extends Base {
  type: 'drift.answered';
  step: string;
  /** withdrawn: the code asks for the settled input again. */
  choice: 'keep' | 'redo' | 'fork' | 'withdrawn';
  by: Principal;
  /** fork: effects may happen in it. */
  allowEffects?: boolean;
}

export interface CandidatesFound extends Base {
  type: 'candidates.found';
  skill: string;
  /** The site stream's position these facts were read at. */
  position: number;
  candidates: Candidate[];
  /** How many were refused at each gate before these. */
  refused?: Record<string, number>;
  /** So many may be asked as well, and were not shown. */
  more?: number;
  /** Found for this step alone, with how to rank them. */
  step?: string;
  choose?: ChooseFacts;
  /** Each step of this skill has facts of its own. */
  choice?: boolean;
}
/** The intent. */
export interface AttemptBegun extends Base {
  type: 'attempt.begun';
  step: string;
  n: number;
  agent: string;
  effect: EffectClass;
  /** What the agent can do about this call later: facts of now, so that no later look-up is needed. */
  keyed?: boolean;
  undoes?: boolean;
  reconciles?: boolean;
  held?: Amounts;
  /** Which of the step's goals: absent = the goal itself, else the index of a lesser one. */
  lesser?: number;
  why?: 'retry' | 'elsewhere' | 'panel' | 'lesser' | 'again' | 'hedge';
  chosen?: Chosen;
  /** What of a deliberation it answers. */
  ask?: AskFacts;
}
/** The outcome. data: the answer. */
export interface AttemptEnded extends Base {
  type: 'attempt.ended';
  step: string;
  n: number;
  fault?: FaultData;
  cost?: Amounts;
  /** It came after the step was settled: billed and credited, never output. */
  late?: boolean;
  /** What a model's answer took. */
  usage?: Usage;
  /** What the step's own equality made of the answer, and why its check refused it. */
  camp?: string;
  illegal?: string;
  /** Nothing came back, for its worker was lost: the call is made again, and this was no try of its agent's. */
  gone?: boolean;
  /** The site did not make the call: nothing can have happened, and it says nothing of the agent. */
  unasked?: Unasked;
}
/** Whether an intent was worked is unknown. */
export interface EffectUnknown extends Base {
  type: 'effect.unknown';
  step: string;
  n: number;
  why: 'claim' | 'lost' | 'timeout' | 'restored';
  /** lost, timeout: what the call ended with. */
  fault?: FaultData;
}
/** data: what the sink answered for it, if it happened. */
export interface EffectReconciled extends Base {
  type: 'effect.reconciled';
  step: string;
  n: number;
  happened: boolean;
  /** The sink, or the person who said so. */
  by: string;
}
/** A fork's word on an effect of the run it came from: it happened, and is not this run's to undo. data: its output. */
export interface EffectCarried extends Base {
  type: 'effect.carried';
  step: string;
  agent: string;
  skill: string;
  /** The key it was worked under. */
  key: string;
  effect: EffectClass;
}
export interface UndoBegun extends Base {
  type: 'undo.begun';
  step: string;
  agent: string;
  /** What the try before this one ended with. */
  fault?: FaultData;
}
export interface UndoEnded extends Base {
  type: 'undo.ended';
  step: string;
  fault?: FaultData;
  /** It failed, and is tried again. */
  again?: boolean;
  cost?: Amounts;
}

export interface AgreeBegun extends Base {
  type: 'agree.begun';
  step: string;
  agree: AgreeSpec;
  panel: string[];
  /** The panel with the figures it was chosen by; those who may judge; how answers are compared. */
  members?: Member[];
  judges?: Member[];
  equal?: Equality;
  /** The most asks that the budget allowed. */
  affords?: number;
}
export interface AgreeVerdict extends Base {
  type: 'agree.verdict';
  step: string;
  /** The attempt whose answer was chosen; none = no verdict. */
  chosen?: number;
  /** Attempts and the weight of each for the answer chosen. */
  votes: { n: number; for: boolean; weight: number; camp?: number; why?: string }[];
  margin: number;
  /** Believed probability of being right. */
  belief?: number;
  /** The protocol, and the equality that it compared answers by. */
  by?: string;
  equal?: string;
  /** What the others held instead, the heaviest first. */
  dissent?: { camp: number; votes: number; weight: number }[];
  /** Whom one would have asked alone, and the attempt with its answer, if it was asked. */
  single?: { agent: string; n?: number };
  asked?: { answers: number; judgements: number };
  why?: string;
}

/** data: the branch's output. A branch of a join or map has ended. */
export interface BranchEnded extends Base {
  type: 'branch.ended';
  step: string;
  branch: string;
  out: Outcome;
  fault?: FaultData;
}
/** The join's inputs are frozen; later branches change nothing. */
export interface JoinFrozen extends Base {
  type: 'join.frozen';
  step: string;
  /** Branches that succeeded and count, in the order they ended. */
  inputs: string[];
}
/** data: what the loop carries on; with `first`, the list of it for the turns from `first` to `turn`. */
export interface LoopTurned extends Base {
  type: 'loop.turned';
  step: string;
  turn: number;
  first?: number;
}
/** data: the sub-plan. */
export interface PlanGrafted extends Base {
  type: 'plan.grafted';
  step: string;
}

export interface TimerSet extends Base {
  type: 'timer.set';
  id: string;
  dueMs: number;
}
export interface TimerFired extends Base {
  type: 'timer.fired';
  id: string;
}
/** data: the signal's content. */
export interface SignalReceived extends Base {
  type: 'signal.received';
  signal: string;
  id: string;
  by: Principal;
}
/** An effect waits for a person with this right before it may begin. */
export interface GateOpened extends Base {
  type: 'gate.opened';
  step: string;
  right: string;
}
/** data: the content as edited. */
export interface GateAnswered extends Base {
  type: 'gate.answered';
  step: string;
  id: string;
  /** The question was whether this attempt happened. */
  attempt?: number;
  choice: 'approve' | 'edit' | 'deny';
  by: Principal;
  reason?: string;
}
/** An answer or signal that was not taken, kept as evidence. */
export interface LetterRefused extends Base {
  type: 'letter.refused';
  id: string;
  what: string;
  by?: Principal;
  /** gate: the attempt that it was about. */
  attempt?: number;
  fault: FaultData;
}

export interface ChildStarted extends Base {
  type: 'child.started';
  step: string;
  run: string;
  held?: Amounts;
}
/** data: the child's output. */
export interface ChildEnded extends Base {
  type: 'child.ended';
  step: string;
  run: string;
  outcome: RunOutcome;
  fault?: FaultData;
  spent?: Amounts;
  /** The run that carries the child on. */
  next?: string;
  /** What it did and could be undone. */
  effects?: ChildEffect[];
}

/** We asked our parent for more. */
export interface BudgetWanted extends Base {
  type: 'budget.wanted';
  id: string;
  amounts: Amounts;
  /** The step that waits for it (and the agent it is for), or the child it is passed on for. */
  step?: string;
  agent?: string;
  child?: { run: string; id: string };
  /** What the child asked for; `amounts` is what of it we lack. */
  asked?: Amounts;
}
/** Our parent's word on what we wanted. */
export interface BudgetHeard extends Base {
  type: 'budget.heard';
  id: string;
  granted?: Amounts;
}
/** A child's want, answered by us (or passed on: no `granted` and no `refused`). */
export interface BudgetAnswered extends Base {
  type: 'budget.answered';
  child: string;
  id: string;
  wanted: Amounts;
  granted?: Amounts;
  refused?: boolean;
}
export interface BudgetOverrun extends Base {
  type: 'budget.overrun';
  step: string;
  over: Amounts;
}

/** A failure answered: by what, how long after it began. */
export interface FaultHealed extends Base {
  type: 'fault.healed';
  step: string;
  by: 'retry' | 'elsewhere' | 'alternative' | 'lesser' | 'person' | 'reconciled' | 'takeover';
  /** What the tries that failed had cost. */
  cost?: Amounts;
  tries: number;
  tookMs: number;
}
/** A failure with no way left: the cut set proves it. */
export interface FaultEscalated extends Base {
  type: 'fault.escalated';
  step: string;
  to: 'person' | 'run';
  fault: FaultData;
  cut: CutMember[];
}
/** Shut together, these leave no way; were any one of them open, there would be one. */
export interface CutMember {
  /** Empty where no name is journaled: the reason says how many. */
  agent: string;
  why: string;
  step?: string;
  skill?: string;
}
export interface PayloadErased extends Base {
  type: 'payload.erased';
  seqs: number[];
  by: Principal;
  reason: string;
}

export type Event =
  | RunAdmitted
  | RunPlanned
  | RunClaimed
  | RunRested
  | RunQuarantined
  | RunRestored
  | RunCancelling
  | RunEnding
  | RunEnded
  | StepAsked
  | StepResumed
  | StepRenamed
  | StepRedone
  | StepSettled
  | StepSkipped
  | StepDemoted
  | WayTaken
  | StepOrphaned
  | DriftFound
  | DriftAnswered
  | CandidatesFound
  | AttemptBegun
  | AttemptEnded
  | EffectUnknown
  | EffectReconciled
  | EffectCarried
  | UndoBegun
  | UndoEnded
  | AgreeBegun
  | AgreeVerdict
  | BranchEnded
  | JoinFrozen
  | LoopTurned
  | PlanGrafted
  | TimerSet
  | TimerFired
  | SignalReceived
  | GateOpened
  | GateAnswered
  | LetterRefused
  | ChildStarted
  | ChildEnded
  | BudgetWanted
  | BudgetHeard
  | BudgetAnswered
  | BudgetOverrun
  | FaultHealed
  | FaultEscalated
  | PayloadErased;

export type EventType = Event['type'];
export type EventOf<T extends EventType> = Extract<Event, { type: T }>;
