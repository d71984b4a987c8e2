/**
 * A run's journal as AG-UI events (protocol 1.0), for user interfaces that speak it.
 *
 * T1  It begins with RUN_STARTED and ends with one of RUN_FINISHED and RUN_ERROR; every step begun is finished before.
 * T2  A run that waits for a person ends its AG-UI run with an interrupt for each question; the run itself waits on.
 *     An answer begins the next AG-UI run of the same thread, which tells what happens from there.
 */
import type { Json } from '../../base/index.ts';
import { type Event, fold, newRunState, type RunState, type StepKind } from '../../model/index.ts';
import { openGates, type OpenGate } from '../../site/gates.ts';
import type { Watched } from '../../site/watch.ts';

export type AgUiEvent = { type: string; [member: string]: unknown };

export interface TellingOptions {
  run: string;
  threadId: string;
  runId: string;
  /** Questions that are being answered: until that is heard they are not asked again. */
  answered?: ReadonlySet<string>;
  /** What happened up to this event was told before. */
  after?: number;
}

export interface Telling {
  readonly state: RunState;
  /** The AG-UI run is over. */
  readonly isOver: boolean;
  begin(): AgUiEvent[];
  take(watched: Watched): AgUiEvent[];
  /** What the run waits for now ends the telling; said when nothing more is on disk. */
  pause(): AgUiEvent[];
}

/** Steps that only read a clock or a die are no news. */
const SILENT = new Set<StepKind>(['now', 'random']);
/** Told as they are, without their payloads. */
const NEWS = new Set<Event['type']>([
  'fault.healed',
  'step.demoted',
  'agree.verdict',
  'effect.unknown',
  'budget.overrun',
]);
const PROTOCOL_VERSION = '1.0';

export function createTelling({ run, threadId, runId, answered = new Set(), after = -1 }: TellingOptions): Telling {
  const state = newRunState(run);
  const begun = new Set<string>();
  let isOver = false;
  let last = after;
  const ids = { threadId, runId };

  function finish(event: AgUiEvent): AgUiEvent[] {
    isOver = true;
    const steps = [...begun].map((stepName) => ({ type: 'STEP_FINISHED', stepName }));
    begun.clear();
    return [...steps, event];
  }

  function ended(): AgUiEvent[] {
    if (state.outcome === 'cancelled') return finish({ type: 'RUN_FINISHED', ...ids, outcome: { type: 'cancelled' } });
    if (state.outcome !== 'completed') {
      const { code = 'step.failed', message = `the run was ${state.outcome}` } = state.fault ?? {};
      return finish({ type: 'RUN_ERROR', message, code });
    }
    const done = { type: 'RUN_FINISHED', ...ids, result: state.output ?? null, outcome: { type: 'success' } };
    return [...spoken(state.output), ...finish(done)];
  }

  function spoken(output: Json | undefined): AgUiEvent[] {
    if (output === undefined || output === null || output === '') return [];
    const delta = typeof output === 'string' ? output : JSON.stringify(output);
    const messageId = `${run}-answer`;
    return [
      { type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId, delta },
      { type: 'TEXT_MESSAGE_END', messageId },
    ];
  }

  function told(event: Event): AgUiEvent[] {
    if (event.type === 'step.asked' && !SILENT.has(event.kind)) {
      begun.add(event.step);
      return [{ type: 'STEP_STARTED', stepName: event.step }];
    }
    if (event.type === 'run.ended') return ended();
    if (NEWS.has(event.type)) {
      const { data: _, ...value } = event;
      return [{ type: 'CUSTOM', name: `skein.${event.type}`, value }];
    }
    // An answer can settle its step without an event of its own.
    const done = [...begun].filter((id) => (state.steps.get(id)?.settledSeq ?? 0) !== 0);
    if (event.type === 'step.skipped' && begun.has(event.step)) done.push(event.step);
    for (const id of done) begun.delete(id);
    return done.map((stepName) => ({ type: 'STEP_FINISHED', stepName }));
  }

  return {
    state,
    get isOver() {
      return isOver;
    },
    begin: () => [{ type: 'RUN_STARTED', ...ids, protocolVersion: PROTOCOL_VERSION }],
    take({ event, at, seq }) {
      state.at = at;
      fold(state, event);
      // Whoever has heard of everything hears how it ended all the same: no stream of it may lack its end.
      if (seq <= last) return event.type === 'run.ended' ? stamped(ended(), at) : [];
      last = seq;
      return stamped(told(event), at);
    },
    pause() {
      const gates = openGates(state).filter((gate) => !answered.has(gate.step));
      if (isOver || gates.length === 0 || state.phase === 'ended') return [];
      const interrupts = gates.map((gate) => interruptOf(run, gate));
      return finish({ type: 'RUN_FINISHED', ...ids, outcome: { type: 'interrupt', interrupts } });
    },
  };
}

function stamped(events: AgUiEvent[], timestamp: number): AgUiEvent[] {
  return events.map((event) => Object.assign(event, { timestamp }));
}

function interruptOf(run: string, { step, asks, right, show }: OpenGate): Json {
  const shown =
    typeof show === 'string' ? show : show === undefined ? `'${step}' waits for a word` : JSON.stringify(show);
  return { id: interruptId(run, step), reason: `skein.${asks}`, message: shown, metadata: { step, right } };
}

/** A run's id has no blank. */
export function interruptId(run: string, step: string): string {
  return `${run} ${step}`;
}

export function readInterruptId(id: string): { run: string; step: string } | undefined {
  const cut = id.indexOf(' ');
  return cut <= 0 ? undefined : { run: id.slice(0, cut), step: id.slice(cut + 1) };
}
