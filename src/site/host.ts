/**
 * A host: one run that this worker holds, live. Inputs come in, decisions are folded and buffered,
 * commands go out; the committer writes, and then lets go what waited for the disk.
 *
 * H1  Commands of a decision with a barrier are performed after its events are committed with one.
 * H2  Results reach the code in the order of settling, one at a time, a macrotask between two.
 * H3  A host that lost its run (another epoch) performs and appends nothing more.
 */
import type { AsyncResource } from 'node:async_hooks';
import { type Fault, isOfStep } from '../base/index.ts';
import type { AnyWorkflow, Coroutine } from '../author/index.ts';
import type { CodeAsked, Command, CommandOf, Decision, Event, Input, RunState, Turn } from '../model/index.ts';
import type { Append, NewStream, Sent, Snapshot } from '../ports/store/index.ts';
import { followNames, type ForStep } from './names.ts';

export interface Call extends ForStep {
  n: number;
  /** A fault: the run has left this worker. Else nobody wants the answer any more. */
  cancel(reason: string | Fault): void;
}

/** A group of turns on its way to the store. */
export interface Flight {
  append: Append;
  after: readonly Command[];
  batch: number;
  turns: number;
  /** It had gone through although its answer was lost. */
  made?: boolean;
}

interface Release {
  command: CommandOf<'release'>;
  /** The batch that must be on disk before. 0 = none. */
  needs: number;
}

export interface Host {
  readonly run: string;
  readonly flow: AnyWorkflow | undefined;
  state: RunState;
  epoch: number;
  /** Chain hash after everything encoded so far. */
  hash: string;
  /** Events encoded so far. */
  encoded: number;
  coroutine: Coroutine | undefined;
  /** Where its code and its calls are worked. */
  origin: AsyncResource | undefined;
  inbox: Input[];
  turns: Turn[];
  events: number;
  send: Sent[];
  take: string[];
  after: Command[];
  /** Number of the batch being filled; batches up to `committed` are on disk. */
  batch: number;
  committed: number;
  flight: Flight | undefined;
  releases: Release[];
  /** The pass in which a result was last released. */
  releasedIn: number;
  letters: Set<string> | undefined;
  calls: Map<string, Call> | undefined;
  /** Facts that are being found, of a skill or for one step. */
  searching: Map<string, { skill: string; step?: string }> | undefined;
  /** Local functions of plans that are out, or whose values are not decided on yet. */
  running: Map<string, ForStep & { of: CodeAsked }> | undefined;
  /** Steps were renamed so often. */
  renames: number;
  /** What else is done for steps. */
  named: Set<ForStep> | undefined;
  /** Ends the waits for local functions that are out. */
  waits: Set<() => void> | undefined;
  /** Runs that it starts, effects that are found out or undone: until that is over it is not parked. */
  aside: number;
  /** Payloads were erased so often: what the live state still holds of them must not be written. */
  erasures: number;
  gone: boolean;
  ended: boolean;
  /** Asks the next append to give the run up. */
  parting: boolean;
  snapshotAt: number;
  /** One made from the journal goes with the next append. */
  snapshot: 'none' | 'wanted' | 'coming' | Snapshot;
  /** Set until the first append, which makes the stream. */
  create: NewStream | undefined;
  /** Head of the journal when the host was made: what is beyond it, this incarnation did. */
  readonly resumed: boolean;
  /** Looks at it, one after another, that found its code waiting for nothing of ours. */
  idleLooks: number;
  /** The run's end is on disk, by our own append. */
  endKept: boolean;
  /** Code steps whose function runs already, while their ask is decided. */
  under: Set<string> | undefined;
}

export function newHost(
  run: string,
  flow: AnyWorkflow | undefined,
  state: RunState,
  hash: string,
  epoch: number,
  resumed: boolean,
  snapshotAt = 0,
): Host {
  return {
    run,
    flow,
    state,
    epoch,
    hash,
    encoded: state.head,
    coroutine: undefined,
    origin: undefined,
    inbox: [],
    turns: [],
    events: 0,
    send: [],
    take: [],
    after: [],
    batch: 1,
    committed: 0,
    flight: undefined,
    releases: [],
    releasedIn: -1,
    letters: undefined,
    calls: undefined,
    searching: undefined,
    running: undefined,
    renames: 0,
    named: undefined,
    waits: undefined,
    aside: 0,
    erasures: 0,
    gone: false,
    ended: false,
    parting: false,
    snapshotAt,
    snapshot: 'none',
    create: undefined,
    resumed,
    idleLooks: 0,
    endKept: false,
    under: undefined,
  };
}

/** Puts a decision into the host's buffer; returns whether it must be written with a barrier. */
export function buffer(
  host: Host,
  decision: Decision,
  perform: (host: Host, command: Command) => void,
  everyStep: boolean,
): boolean {
  const { events, commands, barrier } = decision;
  // Code gives other names only where it asks again for what was asked before it was taken up.
  if (decision.in === 'replan' || (decision.in === 'asked' && host.resumed)) followNames(host, events);
  if (events.length > 0) {
    const turn: Turn = { at: decision.at, in: decision.in, events };
    // A list of one, as most are, is made as such: the first push into an empty one makes room for seventeen.
    if (host.turns.length === 0) host.turns = [turn];
    else host.turns.push(turn);
    host.events += events.length;
    if (host.resumed && host.releases.length > 0) dropStale(host, events);
  }
  for (const id of decision.take) takeLetter(host, id);
  for (const { to, id, dueMs, body } of decision.send) {
    host.send.push({ to, id, dueMs, body: JSON.stringify(body) });
  }
  let urgent = barrier || sendsAway(host, decision);
  for (const command of commands) {
    if (command.do === 'release') {
      const waits = events.length > 0 && (barrier || everyStep);
      if (waits) urgent = true;
      queueRelease(host, command, waits ? host.batch : 0);
    } else if (barrier) {
      host.after.push(command);
    } else {
      perform(host, command);
    }
  }
  return urgent;
}

function sendsAway(host: Host, { send }: Decision): boolean {
  for (const letter of send) if (letter.to !== host.run) return true;
  return false;
}

/** Consumes or withdraws a letter of this run. One not sent yet is not sent at all; a later one of its id is. */
export function takeLetter(host: Host, id: string): void {
  const unsent = host.send.findIndex((letter) => letter.id === id && letter.to === host.run);
  if (unsent >= 0) host.send.splice(unsent, 1);
  host.take.push(id);
}

/** Kept in the order of settling: a resumed run asks in any order, and is answered in this one. */
function queueRelease(host: Host, command: CommandOf<'release'>, needs: number): void {
  const { releases } = host;
  if (releases.length === 0) {
    host.releases = [{ command, needs }];
    return;
  }
  let i = releases.length;
  while (i > 0 && releases[i - 1]!.command.seq > command.seq) i--;
  if (i === releases.length) releases.push({ command, needs });
  else releases.splice(i, 0, { command, needs });
}

/** What a step gave before it drifted, or before it (or what it is inside of) is worked anew, is no longer what the code asked for. */
function dropStale(host: Host, events: readonly Event[]): void {
  for (const event of events) {
    if (event.type === 'drift.found')
      host.releases = host.releases.filter(({ command }) => command.step !== event.step);
    if (event.type === 'step.redone')
      host.releases = host.releases.filter(({ command }) => !isOfStep(command.step, event.step));
  }
}

/** Gives the code its next result, if there is one and the disk has it. */
export function releaseNext(host: Host, pass: number): boolean {
  const next = host.releases[0];
  if (next === undefined || next.needs > host.committed || host.coroutine === undefined) return false;
  host.releases.shift();
  host.releasedIn = pass;
  const { step, out, data, fault } = next.command;
  if (host.coroutine.release(step, out, data, fault)) forget(host.state, step);
  return true;
}

/** The disk is waited for before the code may ask for what is inside of something: that may be settled already. */
export function isOpening(host: Host): boolean {
  const opens = (command: Command): boolean => command.do === 'open';
  return host.after.some(opens) || host.flight?.after.some(opens) === true;
}

/** The code holds the result now; the journal has it too. */
function forget(state: RunState, id: string): void {
  const step = state.steps.get(id);
  if (step === undefined) return;
  step.output = undefined;
  step.input = step.attempts === undefined ? undefined : step.input;
}

/** The run is another's now, or over: everything volatile ends. */
export function dropHost(host: Host, fault: () => Fault): void {
  if (host.gone) return;
  host.gone = true;
  if (host.calls !== undefined) {
    const why = fault();
    for (const call of host.calls.values()) call.cancel(why);
    host.calls = undefined;
  }
  for (const end of host.waits ?? []) end();
  host.waits = undefined;
  host.coroutine?.abandon();
  host.coroutine = undefined;
  host.inbox = [];
  host.turns = [];
  host.after = [];
  host.releases = [];
}

/** Nothing is open that something from outside could move. */
export function isIdle(state: RunState): boolean {
  return state.open.size === 0 && (state.drifting?.size ?? 0) === 0;
}

/** True when nothing volatile is under way: only letters can move this run. */
export function isParked(host: Host): boolean {
  if (
    host.gone ||
    host.ended ||
    host.flight !== undefined ||
    host.turns.length > 0 ||
    host.after.length > 0 ||
    host.aside > 0 ||
    host.inbox.length > 0 ||
    host.releases.length > 0
  )
    return false;
  if ((host.calls?.size ?? 0) > 0 || (host.searching?.size ?? 0) > 0) return false;
  // Set aside, only a person moves it.
  if (host.state.quarantine !== undefined) return true;
  if (isIdle(host.state)) return false;
  if (host.coroutine?.pending === true) return false;
  let waiting = host.state.drifting?.size ?? 0;
  for (const id of host.state.open) {
    const { kind, at } = host.state.steps.get(id)!;
    // What is inside a composite says what it waits for.
    if (kind === 'map' || kind === 'join' || kind === 'loop') continue;
    const waits = kind === 'wait' || kind === 'signal' || kind === 'gate' || kind === 'workflow';
    const held = at === 'gated' || at === 'person' || at === 'budget' || at === 'drifted';
    if (!waits && !held) return false;
    waiting++;
  }
  return waiting > 0;
}
