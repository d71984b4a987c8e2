/** What a host is shown of runs, gates and events: plain JSON, bounded in size. */
import type { Json } from '../../base/index.ts';
import type { RunState } from '../../model/index.ts';
import type { OpenGate } from '../../site/gates.ts';
import type { Watched } from '../../site/watch.ts';

/** A model reads what a tool gives: a longer value is named, not shown, and read as a resource. */
const MAX_SHOWN_CHARS = 100_000;

export interface RunView {
  run: string;
  workflow: string;
  status: 'open' | 'ended';
  outcome?: string;
  output?: Json;
  fault?: { code: string; message: string };
  waitsFor?: GateView[];
  spent?: unknown;
  /** The run that carries this one on. */
  next?: string;
  journal: string;
  [more: string]: unknown;
}

interface GateView {
  step: string;
  asks: OpenGate['asks'];
  right: string;
  show?: Json;
}

export function runView(state: RunState, gates: readonly OpenGate[]): RunView {
  const view: RunView = {
    run: state.run,
    workflow: state.workflow,
    status: state.phase === 'ended' ? 'ended' : 'open',
    journal: journalUri(state.run),
  };
  if (state.outcome !== undefined) view.outcome = state.outcome;
  if (state.output !== undefined) view.output = shown(state.output, state.run);
  if (state.fault !== undefined) view.fault = { code: state.fault.code, message: state.fault.message };
  if (gates.length > 0) view.waitsFor = gates.map((gate) => gateView(gate, state.run));
  if (state.next !== undefined) view.next = state.next;
  view.spent = state.budget.spent;
  return view;
}

function gateView({ step, asks, right, show }: OpenGate, run: string): GateView {
  return show === undefined ? { step, asks, right } : { step, asks, right, show: shown(show, run) };
}

export function eventView({ seq, at, event }: Watched, run: string): Record<string, unknown> {
  const { data, ...rest } = event;
  return data === undefined ? { seq, at, ...rest } : { seq, at, ...rest, data: shown(data, run) };
}

function shown(value: Json, run: string): Json {
  const size = JSON.stringify(value).length;
  if (size <= MAX_SHOWN_CHARS) return value;
  return { left: `${size} characters, too long to show here; read ${journalUri(run)}` };
}

export function journalUri(run: string): string {
  return `skein://runs/${encodeURIComponent(run)}/journal`;
}
