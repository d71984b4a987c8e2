/**
 * One decision in the making. Rooms emit events (which fold at once, so that what follows sees them),
 * ask for commands, and leave work for other rooms in `todo`; flow/decide.ts hands it on.
 */
import type { Ask } from './agreement.ts';
import { type FaultData, type Json, MAX_MS } from '../base/index.ts';
import type { Command } from './commands.ts';
import type { Event, InputKind } from './events.ts';
import { fold } from './fold.ts';
import type { Input } from './inputs.ts';
import type { RunState } from './state.ts';
import type { Outcome } from './words.ts';

export interface SettleWith {
  out: Outcome;
  from?: number;
  data?: Json;
  labels?: string[];
  fault?: FaultData;
  lesser?: number;
}

export type Todo =
  /** attempt: start work on an asked step. */
  | { to: 'begin'; step: string; why?: 'retry' | 'elsewhere' | 'lesser' | 'again'; agent?: string }
  /** attempt: the code asks again for a step that was open when its run was taken over. */
  | { to: 'resume'; step: string }
  /** settle: a composite was asked again; its branches may make it whole already. */
  | { to: 'join'; step: string }
  /** agree: an attempt of this step was answered. */
  | { to: 'agree'; step: string }
  /** attempt: a protocol wants these asked, all or none. */
  | { to: 'ask'; step: string; asks: (Ask & { i: number })[] }
  /** heal: an attempt failed, or the step cannot begin. */
  | { to: 'heal'; step: string; n?: number; fault: FaultData; way?: number }
  /** heal: choose the way to go on by. */
  | { to: 'way'; step: string }
  /** heal: what does not fit the way taken is undone, then it goes on. */
  | { to: 'leave'; step: string }
  | ({ to: 'settle'; step: string } & SettleWith)
  /** plan: this step of the scope settled; without one, all of the scope is looked at (workflows as data). */
  | { to: 'advance'; scope: string; settled?: string }
  /** plan: open what is inside a map or loop, as much as may be open. */
  | { to: 'inside'; step: string }
  /** plan: what had to stop for a new plan has stopped; these steps are to be asked anew. */
  | { to: 'replanned'; redo: string[] }
  /** settle: a branch of a map has ended. */
  | { to: 'branch'; step: string; branch: string; out: Outcome; data?: Json; labels?: string[]; fault?: FaultData }
  /** settle: the plan has come to its end. */
  | { to: 'return'; data?: Json; labels?: string[]; fault?: FaultData }
  /** settle: see whether the run can end now. */
  | { to: 'end' };

/** A letter that leaves with the append of this decision. */
export interface Outgoing {
  to: string;
  id: string;
  dueMs: number;
  body: Input;
}

export interface Decision {
  in: InputKind;
  at: number;
  events: Event[];
  commands: Command[];
  send: Outgoing[];
  /** Letters of this run that are consumed or withdrawn, before any of `send` is sent. */
  take: string[];
  /** The events must be on disk before any of the commands is performed. */
  barrier: boolean;
}

export interface Deciding extends Decision {
  state: RunState;
  todo: Todo[];
}

export function startDeciding(state: RunState, at: number, kind: InputKind): Deciding {
  state.at = at;
  return { state, at, in: kind, events: [], commands: [], send: [], take: [], barrier: false, todo: [] };
}

export function emit(d: Deciding, event: Event): void {
  d.events.push(event);
  fold(d.state, event);
}

export function timerLetter(id: string): string {
  return `t:${id}`;
}

/** A durable wake-up: a letter to oneself. Stores know whole milliseconds: it is never too early. */
export function sendTimer(d: Deciding, id: string, atMs: number): void {
  const letter = timerLetter(id);
  const dueMs = Math.min(Math.ceil(atMs), MAX_MS);
  d.send.push({ to: d.state.run, id: letter, dueMs, body: { in: 'timer', id, letter } });
}

/** Takes a wake-up back, whether it was sent before or in this very decision. */
export function withdrawTimer(d: Deciding, id: string): void {
  const letter = timerLetter(id);
  const sent = d.send.findIndex((one) => one.id === letter && one.to === d.state.run);
  if (sent >= 0) d.send.splice(sent, 1);
  d.take.push(letter);
}

export function setTimer(d: Deciding, id: string, dueMs: number): void {
  emit(d, { type: 'timer.set', id, dueMs });
  sendTimer(d, id, dueMs);
}

export function faultData(
  code: FaultData['code'],
  message: string,
  retry: FaultData['retry'] = 'never',
  detail?: Record<string, unknown>,
): FaultData {
  return detail === undefined ? { code, retry, message } : { code, retry, message, detail };
}

/** `from`: whose child it is. It hears of its own parent only: the id may be that of a run of somebody else. */
export function sendCancel(d: Deciding, run: string, reason: string, from = d.state.run): void {
  const { state } = d;
  const body = { in: 'cancel', by: state.by, reason, why: 'parent', from } as const;
  d.send.push({ to: run, id: `cancel:${state.run}`, dueMs: 0, body });
}
