/** What arrives at a run: facts from outside, each with the time it came. Everything decisions may know. */
import type { FaultData, Json } from '../base/index.ts';
import type {
  Amounts,
  Candidate,
  ChildEffect,
  ChooseFacts,
  Outcome,
  ParentLink,
  Preference,
  Principal,
  RunOutcome,
  StepAsk,
  Usage,
  Unasked,
} from './words.ts';
import type { Asked, CodeAsked, FoundFor } from './asked.ts';
import type { Event } from './events.ts';
import type { Plan } from './plan.ts';

export interface AdmitInput {
  in: 'admit';
  run: string;
  workflow: string;
  version: string;
  by: Principal;
  seed: string;
  engine: string;
  goal?: string;
  plan?: { hash: string; plan: Plan };
  budget?: Amounts;
  deadlineMs?: number;
  parent?: ParentLink;
  forkOf?: { run: string; seq: number };
  blockEffects?: boolean;
  drift?: 'keep' | 'redo';
  agents?: Record<string, string>;
  continues?: string;
  traceparent?: string;
  labels?: string[];
  /** What counts when agents are chosen, where a step does not say it. */
  prefer?: Preference;
  data?: Json;
}

export interface AnswerInput {
  in: 'answer';
  step: string;
  n: number;
  /** What was asked, and of whom. */
  of?: Asked;
  data?: Json;
  labels?: string[];
  fault?: FaultData;
  /** The call was not made. */
  unasked?: Unasked;
  cost?: Amounts;
  usage?: Usage;
  /** What the step's own equality made of the answer, and why its check refused it. */
  camp?: string;
  illegal?: string;
}

export interface CandidatesInput {
  in: 'candidates';
  skill: string;
  /** Found for this step alone. */
  step?: string;
  /** As it was asked: who may be shown depends on it. */
  of?: FoundFor;
  position: number;
  candidates: Candidate[];
  refused?: Record<string, number>;
  /** So many may be asked as well, and were not shown. */
  more?: number;
  choice?: boolean;
  choose?: ChooseFacts;
}

export type Input =
  | AdmitInput
  | { in: 'claim'; worker: string; epoch: number }
  /** Nothing of it is under way any more at this worker. */
  | { in: 'rested'; why: 'waits' | 'stopped' }
  /** The store was put back from a backup: what this run did since is forgotten. Comes before the claim. */
  | { in: 'restored'; restoredMs: number; letter: string }
  /** A workflow as code asks for steps; a local function that answered at once is here with its answer. */
  | { in: 'asked'; asks: StepAsk[]; ran?: ({ data?: Json; fault?: FaultData } | undefined)[] }
  | { in: 'branch'; step: string; branch: string; out: Outcome; data?: Json; labels?: string[]; fault?: FaultData }
  | { in: 'turned'; step: string; turns: { turn: number; data?: Json }[]; done?: boolean; fault?: FaultData }
  /** A workflow as code came to its end. */
  | { in: 'returned'; data?: Json; fault?: FaultData; continueWith?: { run: string; data?: Json }; unasked: string[] }
  | CandidatesInput
  | AnswerInput
  /** A local function came back. */
  | { in: 'ran'; step: string; of?: CodeAsked; data?: Json; fault?: FaultData }
  | { in: 'timer'; id: string; letter: string }
  | { in: 'signal'; signal: string; id: string; by: Principal; data?: Json; labels?: string[]; letter: string }
  | {
      in: 'gate';
      step: string;
      id: string;
      choice: 'approve' | 'edit' | 'deny';
      /** Set: the question is whether this attempt happened. */
      attempt?: number;
      by: Principal;
      reason?: string;
      data?: Json;
      letter: string;
    }
  /** from: the parent that says so. Letters of before it was told have none. */
  | { in: 'cancel'; by: Principal; reason: string; why: 'asked' | 'parent'; from?: string; letter?: string }
  | {
      in: 'child';
      step: string;
      run: string;
      outcome: RunOutcome;
      data?: Json;
      labels?: string[];
      fault?: FaultData;
      spent?: Amounts;
      next?: string;
      effects?: ChildEffect[];
      letter?: string;
    }
  /** A child wants (wanted), or our parent answers (heard). */
  | { in: 'budget'; say: 'wanted'; child: string; id: string; amounts: Amounts; letter: string }
  | { in: 'budget'; say: 'heard'; id: string; granted?: Amounts; letter: string }
  | {
      in: 'drift';
      step: string;
      choice: 'keep' | 'redo' | 'fork';
      by: Principal;
      allowEffects?: boolean;
      letter: string;
    }
  | {
      in: 'reconciled';
      step: string;
      n: number;
      of?: Asked;
      happened: boolean | undefined;
      by: string;
      data?: Json;
      letter?: string;
    }
  | { in: 'undone'; step: string; fault?: FaultData; cost?: Amounts }
  /** The next run of a continue-as-new exists; fault: it never will. */
  | { in: 'begun'; run: string; fault?: FaultData }
  /** A fork begins with what the run it came from had settled: events made of that run's state. */
  | { in: 'fork'; events: Event[] }
  /** A worker has another plan for this run: parts not started may change. */
  | { in: 'replan'; plan: { hash: string; plan: Plan }; by?: Principal; letter?: string }
  /** A word that the run cannot be told: what is said of it instead, so that those behind it are heard. */
  | { in: 'refused'; id: string; what: string; by?: Principal; fault: FaultData; letter: string }
  /** Payloads of these events are to go. */
  | { in: 'erase'; seqs: number[]; by: Principal; reason: string; letter?: string };
