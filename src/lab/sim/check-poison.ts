/** Runs that take their workers down: set aside in time, and then left alone. It counts takes by itself, and none too many. */
import type { Event, EventType } from '../../model/index.ts';
import type { Findings } from './finding.ts';
import type { RunView } from './views.ts';

/** As docs/healing.md says it. */
const MOST_TAKES = 8;
/** What a take-over brings about by itself. Whatever else comes is more than nothing. */
const NOTHING: ReadonlySet<EventType> = new Set<EventType>([
  'candidates.found',
  'step.asked',
  'step.resumed',
  'attempt.begun',
  'effect.unknown',
]);
const BEGINS: ReadonlySet<EventType> = new Set<EventType>(['attempt.begun', 'undo.begun', 'child.started']);
const takes = new WeakMap<RunView, number>();

/** Before the event is folded into `view.state`. */
export function checkPoison({ findings }: { findings: Findings }, view: RunView, event: Event): void {
  const { run, state } = view;
  const isAside = state.quarantine !== undefined;
  if (isAside && BEGINS.has(event.type)) findings.add('poison.still', run, `${event.type} though the run is set aside`);
  const before = takes.get(view) ?? 0;
  if (event.type === 'run.claimed') {
    if (isAside || event.epoch === 1) return;
    const goesOn = state.phase === 'running' || state.phase === 'ending';
    if (goesOn && before >= MOST_TAKES)
      findings.add('poison.aside', run, `taken up for the ${before + 1}th time, though nothing came of it since`);
    takes.set(view, before + 1);
  } else if (
    !NOTHING.has(event.type) &&
    !(event.type === 'attempt.ended' && (event.gone === true || event.late === true))
  )
    takes.set(view, 0);
}
