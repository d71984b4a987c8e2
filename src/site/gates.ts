/** What a run waits for a person to say. */
import { DEFAULT_GATE_RIGHT } from '../flow/index.ts';
import type { Json } from '../base/index.ts';
import type { RunState, StepState } from '../model/index.ts';

export interface OpenGate {
  step: string;
  /** gate: a gate; effect: an effect that waits to pass; unknown: whether a call happened; heal: what to do when no way is left. */
  asks: 'gate' | 'effect' | 'unknown' | 'heal';
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
    const asks = unknown ? 'unknown' : step.kind === 'gate' ? 'gate' : asksNow(step);
    if (asks === undefined) continue;
    gates.push({
      step: step.id,
      asks,
      right: (asks === 'heal' ? step.spec.person : step.spec.right) ?? DEFAULT_GATE_RIGHT,
      show: asks === 'heal' ? (step.asked as unknown as Json) : step.input,
      sinceMs: step.askedAt,
    });
  }
  return gates;
}

function asksNow(step: StepState): 'effect' | 'heal' | undefined {
  if (step.at === 'gated') return 'effect';
  return step.at === 'person' && step.asked !== undefined ? 'heal' : undefined;
}
