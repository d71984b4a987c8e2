/**
 * W3C trace contexts, and the ids of our spans. An id follows from what it names, so any worker makes the same one,
 * nothing has to be remembered between a call and its span, and a span sent twice is the same span.
 */
import { hash } from 'node:crypto';
import type { CommandOf, RunState } from '../../model/index.ts';

export interface TraceParent {
  traceId: string;
  spanId: string;
}

const FORM = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/;
const TRACE_CHARS = 32;
const SPAN_CHARS = 16;

/** Undefined: it is none, or says nothing (all zeros). */
export function readTraceparent(text: string | undefined): TraceParent | undefined {
  const [, traceId, spanId] = FORM.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId };
}

export function traceIdOf(run: string, traceparent: string | undefined): string {
  return readTraceparent(traceparent)?.traceId ?? hash('sha256', `trace|${run}`, 'hex').slice(0, TRACE_CHARS);
}

export function spanIdOf(...names: (string | number)[]): string {
  return hash('sha256', `span|${names.join('|')}`, 'hex').slice(0, SPAN_CHARS);
}

function textOf(traceId: string, spanId: string): string {
  return `00-${traceId}-${spanId}-01`;
}

/** What goes out with calls and child runs. */
export interface TraceContexts {
  ofCall(state: RunState, step: string, n: number): string | undefined;
  ofChild(state: RunState, command: CommandOf<'startRun'>): string | undefined;
}

/** Where nothing is traced here, what came in is handed on as it came. */
export function createTraceContexts(on: boolean): TraceContexts {
  return {
    ofCall(state, step, n) {
      if (!on) return state.traceparent;
      return textOf(traceIdOf(state.run, state.traceparent), spanIdOf(state.run, step, n));
    },
    ofChild(state, { parent, continues }) {
      if (!on) return state.traceparent;
      const span =
        parent !== undefined && continues === undefined ? spanIdOf(state.run, parent.step) : spanIdOf(state.run);
      return textOf(traceIdOf(state.run, state.traceparent), span);
    },
  };
}
