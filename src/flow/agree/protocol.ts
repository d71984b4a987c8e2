/**
 * A protocol is a pure machine: several answers become one, or none.
 *
 * P1  It sees replies only in whole rounds, in the order of asking: an answer is sealed until everybody asked with it
 *     has answered or failed, so the order of arrival decides nothing and a late answer changes nothing.
 * P2  A reply that was lost, is illegal or cannot be read is a non-vote; it is never a wrong vote.
 * P3  Its state is made again from the journal at every turn, so a crash in the middle loses nothing. `start` and
 *     `heard` return a state; they may change the one they are given.
 * P4  Asks name earlier asks by number, never an agent: judges see answers without names, and nobody judges itself.
 */
import type { Json } from '../../base/index.ts';
import type { AgreeSpec, Ask, Equality, Member, ProtocolShape } from '../../model/index.ts';

/** Who may be asked, the best first as routing saw them; facts that are in the journal. */
export interface Panel {
  members: readonly Member[];
  /** Who can judge answers (agents with the skill that `judge` names); empty when the protocol needs none. */
  judges: readonly Member[];
  equal: Equality;
  /** The most asks that the budget allows when the panel is opened; none = no limit. */
  affords?: number;
}

export interface Reply {
  /** Its number in this deliberation. */
  ask: number;
  agent: string;
  kind: Ask['kind'];
  about?: readonly number[];
  output?: Json;
  /** Answers with the same number are equal, as the step's equality says. Absent: no vote. */
  camp?: number;
  /** Why it does not count, where it does not. */
  lost?: string;
  /** It failed in a way that may not come again: it can be asked anew. */
  passing?: boolean;
}

export interface Vote {
  ask: number;
  for: boolean;
  weight: number;
  camp?: number;
  /** Why it has this weight, or why it is none. */
  why?: string;
}

export interface Verdict {
  /** The ask whose answer is chosen; none = no verdict. */
  chosen?: number;
  margin: number;
  /** Believed probability of being right. */
  belief?: number;
  votes: Vote[];
  /** The agent that would have been asked alone, and what it said, if it was asked. */
  single?: { agent: string; ask?: number };
  why?: string;
}

export type Move =
  | { move: 'asks'; asks: Ask[] }
  | { move: 'verdict'; verdict: Verdict }
  /** No verdict: the ladder of healing takes over. */
  | { move: 'escalation'; why: string; verdict: Verdict };

export interface Protocol<S = unknown> extends ProtocolShape {
  name: string;
  about: string;
  /** How many members it takes where the step does not say; `all` = everybody eligible. */
  panel: number | 'all';
  /** It asks judges too. */
  judged?: boolean;
  start(spec: AgreeSpec, panel: Panel): S;
  next(state: S): Move;
  heard(state: S, reply: Reply): S;
}

/** Asks of one deliberation: a protocol that wants more has lost its way. */
export const MAX_ASKS = 512;
