/** What a run waits for a person to say. */
import { DEFAULT_GATE_RIGHT } from '../flow/index.ts';
import type { Json } from '../base/index.ts';
import type { RunState } from '../model/index.ts';

export interface OpenGate {
  step: string;
  /** gate: a gate; effect: an effect that waits to pass; unknown: whether a call happened. */
  asks: 'gate' | 'effect' | 'unknown';
  /** The right that an answer needs. */
  right: string;
  /** What the person is shown. */
  show?: Json;
  sinceMs: number;
}

export function openGates(state: RunState): OpenGate[] {
  const gates: OpenGate[] = [];
  for (const step of state.steps.values()) {
    const unknown = step.attempts?.some((attempt) => attempt.status === 'unknown') === true;
    // A cancelled step may still have a call of which nobody knows whether it happened.
    if (step.settledSeq !== 0 && !unknown) continue;
    const asks = unknown ? 'unknown' : step.kind === 'gate' ? 'gate' : step.at === 'gated' ? 'effect' : undefined;
    if (asks === undefined) continue;
    gates.push({
      step: step.id,
      asks,
      right: step.spec.right ?? DEFAULT_GATE_RIGHT,
      show: step.input,
      sinceMs: step.askedAt,
    });
  }
  return gates;
}
