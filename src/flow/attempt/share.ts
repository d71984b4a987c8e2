/**
 * How much of the time left one call may use. What is left until a deadline is shared over the calls that are left
 * before it, each by its measured p95: this one, the next agent for the same step, and what is ahead.
 *
 * D1  Where all of them fit, each has at least its p95. Where they do not, first the next agent's share goes; where not
 *     even those ahead fit, nobody is cut short for them.
 * D2  An effect is never cut short: that would make it unknown. Nor is who was never measured.
 */
import type { AttemptState, Deciding, StepState } from '../../model/index.ts';
import { eligible, skillView } from '../route/index.ts';
import { boundsOf } from './ahead.ts';

/** Undefined: all that there is. */
export function shareMs(d: Deciding, step: StepState, attempt: AttemptState): number | undefined {
  if (attempt.effect !== 'pure' || attempt.ask !== undefined) return undefined;
  const own = skillView(d.state, step)?.candidates.find((c) => c.agent === attempt.agent)?.p95Ms;
  if (own === undefined || own <= 0) return undefined;
  const bounds = boundsOf(d.state, step);
  if (bounds.length === 0) return undefined;
  const next = eligible(d.state, step, 1).routed[0]?.candidate.p95Ms ?? 0;
  const least = Math.min(...bounds.map(({ untilMs, aheadMs }) => shareOf(untilMs - d.at, own, aheadMs, next)));
  return least === Infinity ? undefined : Math.floor(least);
}

/** D1. */
function shareOf(leftMs: number, own: number, ahead: number, next: number): number {
  for (const others of [ahead + next, ahead])
    if (others > 0 && leftMs >= own + others) return (leftMs * own) / (own + others);
  return Infinity;
}
