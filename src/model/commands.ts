/** What a decision wants done. The driver performs it, and what it brings back is an input. */
import type { FaultData, Json } from '../base/index.ts';
import type { Asked, CodeAsked } from './asked.ts';
import type { ForkPoint } from './events.ts';
import type {
  Amounts,
  Candidate,
  ChildEffect,
  ChooseFacts,
  EffectClass,
  Outcome,
  ParentLink,
  Principal,
} from './words.ts';

export type Command =
  | ({
      do: 'askAgent';
      step: string;
      n: number;
      effect: EffectClass;
      data?: Json;
      labels?: string[];
      /** What persons answered to the agent's questions, by the question's key. */
      answers?: Record<string, Json>;
      /** How long the call itself may take. */
      timeoutMs: number;
      /** Wall time by which an answer must be there, whatever the call had. */
      untilMs?: number;
      /** A question about answers: the step's schema says nothing of what comes back. */
      aside?: boolean;
      /** Functions of the site that the answer is passed through, by name. */
      equal?: string;
      check?: string;
    } & Asked)
  | { do: 'stopAttempt'; step: string; n: number; reason: string }
  /** With the step: where there is a choice, the facts are found for that step alone. */
  /** `weighed`: with what was measured of them, for ways are compared and deadlines shared by it. */
  | { do: 'findCandidates'; skill: string; step?: string; weighed?: true }
  | ({ do: 'reconcile'; step: string; n: number; data?: Json } & Asked)
  /** Nobody will answer what the agent asked in that call. `denied`: a person would not. */
  | {
      do: 'leaveQuestion';
      step: string;
      n: number;
      agent: string;
      skill: string;
      key: string;
      question: string;
      denied: boolean;
    }
  | {
      do: 'undo';
      step: string;
      agent: string;
      skill: string;
      key: string;
      input?: Json;
      output?: Json;
      /** A child run did it: what went in and came out is there. */
      of?: ChildEffect['of'];
    }
  /** code: run the local function (by name in workflows as data; else the closure of this step). */
  | ({ do: 'runCode'; step: string; data?: Json } & CodeAsked)
  | {
      do: 'startRun';
      run: string;
      workflow: string;
      version?: string;
      data?: Json;
      labels?: string[];
      by: Principal;
      budget?: Amounts;
      deadlineMs?: number;
      parent?: ParentLink;
      continues?: string;
      blockEffects?: boolean;
      drift?: 'keep' | 'redo';
      agents?: Record<string, string>;
      goal?: string;
      /** It may have been started before: look first. */
      again?: boolean;
    }
  /** Whether this child of a cancelled step was ever started: the input `child` says if it was not. */
  | { do: 'findChild'; step: string; run: string }
  /** The result of this step may go to the code, in the order of settling. */
  | { do: 'release'; step: string; seq: number; out: Outcome; data?: Json; fault?: FaultData }
  /** The code may run what is inside a loop (from after this turn, with what it carries), map or join (but for the branches done). */
  | { do: 'open'; step: string; turn: number; data?: Json; done?: string[] }
  /** The code itself must stop (the run ends without it). */
  | { do: 'stopCode'; reason: string }
  /** The journal says that these payloads are gone: now they go. */
  | { do: 'erase'; seqs: number[] }
  /** A new run from this point of ours, which carries on for us; then the input `begun`. */
  | { do: 'fork'; run: string; from: ForkPoint };

export type CommandOf<D extends Command['do']> = Extract<Command, { do: D }>;

export interface SkillView {
  position: number;
  candidates: Candidate[];
  refused?: Record<string, number>;
  /** So many may be asked as well, and were not shown. */
  more?: number;
  /** There is a choice: each step has facts of its own. */
  choice?: boolean;
}

/** Facts found for one step. */
export interface StepView extends SkillView {
  skill: string;
  choose?: ChooseFacts;
  /** Tries that the step had when it was told: later ones say that those shown were asked. */
  tries?: number;
}
