/**
 * How much of the time left one call may use. Where another agent could still be asked, the time that one takes (its
 * measured p95) is kept back, as long as the first has its own p95 all the same. An effect is never cut short for it:
 * that would make it unknown.
 */
import type { AttemptState, Deciding, StepState } from '../../model/index.ts';
import { eligible, skillView } from '../route/index.ts';

/** Undefined: all that there is. */
export function shareMs(
  d: Deciding,
  step: StepState,
  attempt: AttemptState,
  untilMs: number | undefined,
): number | undefined {
  if (untilMs === undefined || attempt.effect !== 'pure' || attempt.ask !== undefined) return undefined;
  const own = skillView(d.state, step)?.candidates.find((c) => c.agent === attempt.agent)?.p95Ms;
  const next = own === undefined ? undefined : eligible(d.state, step, 1).routed[0]?.candidate.p95Ms;
  if (own === undefined || next === undefined) return undefined;
  const share = untilMs - d.at - next;
  return share >= own ? share : undefined;
}
