/** What became of a fault that was put in on purpose, from the journal of the run that it met. */
import type { Event } from '../../model/index.ts';
import type { Injected } from './injector.ts';
import { storyOf } from './story.ts';

/**
 * healed: the step went on, and the journal says how. escalated: the journal says that no way was left, and why.
 * harmless: nothing failed by it (late, or twice, or outvoted). silent: it failed, or spoilt a result, and nothing says so.
 */
export type InjectedEnd = 'healed' | 'escalated' | 'harmless' | 'silent';

/** They leave an answer that is none. */
const SPOILS = new Set(['wrong', 'truncated', 'malformed']);

/** `isWrong`: the run completed with something else than it must give, where somebody knows that. */
export function endOf(one: Injected, events: readonly Event[], isWrong = false): InjectedEnd {
  const ended = events.find((e) => e.type === 'attempt.ended' && e.step === one.step && e.n === one.n);
  const unknown = events.some((e) => e.type === 'effect.unknown' && e.step === one.step && e.n === one.n);
  const failed = unknown || (ended?.type === 'attempt.ended' && ended.fault !== undefined && ended.late !== true);
  if (!failed && SPOILS.has(one.kind)) {
    if (isWrong) return 'silent';
    // Nobody could see it at once; the run could not go on with it, and says so.
    if (events.some((e) => e.type === 'run.ended' && e.outcome !== 'completed')) return 'escalated';
  }
  if (!failed) return 'harmless';
  // A panel hears the others: the verdict is what became of it.
  const isPanel = events.some((e) => e.type === 'agree.verdict' && e.step === one.step);
  const story = storyOf(events).findLast((s) => s.step === one.step);
  if (story?.end === 'healed' || (isPanel && isSettledWell(events, one.step))) return 'healed';
  if (story?.end === 'escalated') return 'escalated';
  return isPanel ? 'escalated' : 'silent';
}

function isSettledWell(events: readonly Event[], step: string | undefined): boolean {
  return events.some((e) => e.type === 'step.settled' && e.step === step && e.out === 'ok');
}
