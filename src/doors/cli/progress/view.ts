/**
 * What a person sees of a run: a fold of its events, made for looking at. It keeps no payload but short
 * texts, so a run of a million steps can be watched.
 */
import type { FaultData } from '../../../base/index.ts';
import type { Amounts, Event, RunOutcome, StepKind } from '../../../model/index.ts';
import type { Watched } from '../../../site/watch.ts';
import { brief } from '../paint.ts';

export type StepStatus = 'waiting' | 'working' | 'person' | 'done' | 'failed' | 'cancelled' | 'skipped';

export interface AttemptView {
  n: number;
  agent: string;
  status: 'open' | 'done' | 'failed' | 'unknown';
  /** Asked again, it acts once. */
  keyed?: boolean;
  /** Why it failed, in a few words. */
  note?: string;
}

export interface StepView {
  id: string;
  /** What is left of the id beside its parent's. */
  name: string;
  depth: number;
  parent?: StepView;
  kind: StepKind;
  status: StepStatus;
  /** Its input has changed, and a person decides on that: where it stands beside. */
  drifted?: StepStatus;
  askedAt: number;
  endedAt?: number;
  attempts: AttemptView[];
  /** map, join: its branches. */
  total?: number;
  ended?: number;
  failed?: number;
  turn?: number;
  /** How it was healed, and other things worth a word. */
  notes: string[];
  inside: StepView[];
}

export interface RunView {
  run: string;
  workflow: string;
  version: string;
  goal?: string;
  startedAt: number;
  at: number;
  /** The seq of the event seen last. */
  seq: number;
  outcome?: RunOutcome;
  fault?: FaultData;
  output?: unknown;
  spent?: Amounts;
  next?: string;
  cancelling?: string;
  /** Claims after the first: another worker, or the same one anew, carries it on. */
  takeovers: number;
  worker?: string;
  healed: number;
  settled: number;
  /** In the order of asking. */
  top: StepView[];
  steps: Map<string, StepView>;
}

/** Settled steps inside a map or loop beyond this are counted and forgotten. */
const KEPT_INSIDE = 200;
/** Of a failure so much is kept: enough to read it whole, mostly. */
const NOTE_WIDTH = 500;
const ANSWERED = { approve: 'approved', edit: 'edited', deny: 'denied' };

export function newRunView(run: string): RunView {
  const counts = { takeovers: 0, healed: 0, settled: 0, startedAt: 0, at: 0, seq: -1 };
  return { run, workflow: '', version: '', ...counts, top: [], steps: new Map() };
}

export function look(view: RunView, { event, at, seq }: Watched): void {
  view.at = Math.max(view.at, at);
  view.seq = seq;
  if ('step' in event && event.step !== undefined && event.type !== 'step.asked') {
    const step = view.steps.get(event.step);
    if (step !== undefined) lookAtStep(view, step, event, at);
  }
  switch (event.type) {
    case 'run.admitted':
      Object.assign(view, { workflow: event.workflow, version: event.version, goal: event.goal, startedAt: at });
      return;
    case 'run.claimed':
      if (view.worker !== undefined) view.takeovers++;
      view.worker = event.worker;
      return;
    case 'run.cancelling':
      view.cancelling = event.reason;
      return;
    case 'run.ending':
      if (event.data !== undefined) view.output = event.data;
      return;
    case 'run.ended':
      Object.assign(view, { outcome: event.outcome, fault: event.fault, spent: event.spent, next: event.next });
      if (event.data !== undefined) view.output = event.data;
      // Nobody decides on it any more.
      for (const step of view.steps.values()) decided(step);
      return;
    case 'step.asked':
      asked(view, event, at);
      return;
    case 'step.renamed':
      renamed(view, event.was, event.step);
      return;
    default:
  }
}

function asked(view: RunView, event: Extract<Event, { type: 'step.asked' }>, at: number): void {
  // What the engine needs and nobody waits for.
  if (event.kind === 'now' || event.kind === 'random') return;
  const before = view.steps.get(event.step);
  const parent = before?.parent ?? parentOf(view, event.step);
  const step: StepView = {
    id: event.step,
    name: parent === undefined ? event.step : event.step.slice(parent.id.length + 1),
    depth: parent === undefined ? 0 : parent.depth + 1,
    parent,
    kind: event.kind,
    status: event.kind === 'gate' ? 'person' : isRoom(event.kind) ? 'working' : 'waiting',
    askedAt: at,
    attempts: [],
    total: event.spec?.branches?.length,
    notes: [],
    inside: [],
  };
  view.steps.set(step.id, step);
  const siblings = parent?.inside ?? view.top;
  if (before === undefined) siblings.push(step);
  else siblings.splice(siblings.indexOf(before), 1, step);
}

/** It does nothing itself: others work inside it. */
function isRoom(kind: StepKind): boolean {
  return kind === 'map' || kind === 'join' || kind === 'loop' || kind === 'plan' || kind === 'workflow';
}

function parentOf(view: RunView, id: string): StepView | undefined {
  for (let cut = id.lastIndexOf('/'); cut > 0; cut = id.lastIndexOf('/', cut - 1)) {
    const parent = view.steps.get(id.slice(0, cut));
    if (parent !== undefined) return parent;
  }
  return undefined;
}

function lookAtStep(view: RunView, step: StepView, event: Event, at: number): void {
  switch (event.type) {
    case 'attempt.begun':
      step.attempts.push({ n: event.n, agent: event.agent, status: 'open', keyed: event.keyed });
      stand(step, 'working');
      return;
    case 'attempt.ended': {
      const attempt = step.attempts.find(({ n }) => n === event.n);
      if (attempt === undefined) return;
      attempt.status = event.fault === undefined ? 'done' : 'failed';
      attempt.note = event.fault === undefined ? undefined : brief(event.fault.message, NOTE_WIDTH);
      return;
    }
    case 'step.resumed': {
      // It was out when its worker was lost.
      const lost = step.attempts.findLast(({ status }) => status === 'open');
      if (lost !== undefined) step.notes.push(lost.keyed === true ? 'asked again, same key' : 'asked again');
      return;
    }
    case 'effect.unknown': {
      const attempt = step.attempts.find(({ n }) => n === event.n);
      if (attempt !== undefined) attempt.status = 'unknown';
      step.notes.push('whether it happened is unknown');
      return;
    }
    case 'effect.reconciled':
      step.notes.push(event.happened ? 'it had happened' : 'it had not happened');
      return;
    case 'gate.opened':
      stand(step, 'person');
      return;
    case 'gate.answered':
      stand(step, 'waiting');
      step.notes.push(`${ANSWERED[event.choice]} by ${brief(event.by.id)}`);
      return;
    case 'agree.verdict': {
      const votes = event.votes.filter((vote) => vote.for).length;
      step.notes.push(event.chosen === undefined ? 'no verdict' : `${votes} of ${event.votes.length} agree`);
      return;
    }
    case 'way.taken':
      if (event.why !== 'cheapest') step.notes.push('another way');
      return;
    case 'fault.healed':
      view.healed++;
      step.notes.push(event.by === 'elsewhere' ? 'healed elsewhere' : `healed: ${event.by}`);
      return;
    case 'fault.escalated':
      // That it has drifted is no gate of its own.
      if (event.to === 'person' && event.fault.code !== 'step.drift') stand(step, 'person');
      return;
    case 'drift.found':
      step.drifted ??= step.status;
      step.status = 'person';
      return;
    case 'drift.answered':
      decided(step);
      return;
    case 'branch.ended':
      step.ended = (step.ended ?? 0) + 1;
      if (event.out === 'failed') step.failed = (step.failed ?? 0) + 1;
      return;
    case 'loop.turned':
      step.turn = event.turn;
      return;
    case 'child.started':
      step.notes.push(`run ${event.run}`);
      return;
    case 'undo.ended':
      if (event.again !== true) step.notes.push(event.fault === undefined ? 'undone' : 'could not be undone');
      return;
    case 'step.settled':
      view.settled++;
      end(view, step, event.out === 'ok' ? 'done' : event.out, at);
      if (event.fault !== undefined) step.notes.push(brief(event.fault.message, NOTE_WIDTH));
      return;
    case 'step.skipped':
      end(view, step, 'skipped', at);
      return;
    default:
  }
}

/** Beside a drift that nobody has decided on, which is what is seen of it. */
function stand(step: StepView, status: StepStatus): void {
  if (step.drifted === undefined) step.status = status;
  else step.drifted = status;
}

function decided(step: StepView): void {
  step.status = step.drifted ?? step.status;
  step.drifted = undefined;
}

function end(view: RunView, step: StepView, status: StepStatus, at: number): void {
  stand(step, status);
  step.endedAt = at;
  const { parent } = step;
  if (parent === undefined || parent.inside.length <= KEPT_INSIDE) return;
  const oldest = parent.inside.findIndex((one) => one.status === 'done');
  if (oldest >= 0) forget(view, parent.inside.splice(oldest, 1)[0]!);
}

function forget(view: RunView, step: StepView): void {
  view.steps.delete(step.id);
  for (const inner of step.inside) forget(view, inner);
}

function renamed(view: RunView, was: string, now: string): void {
  const step = view.steps.get(was);
  if (step === undefined) return;
  view.steps.delete(was);
  step.id = now;
  step.name = step.parent === undefined ? now : now.slice(step.parent.id.length + 1);
  view.steps.set(now, step);
}
