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
  'step.renamed',
  'attempt.begun',
  'effect.unknown',
  'fault.escalated',
]);
/** What may be heard again and again, if each time the disk loses it with the worker: a gain for one take, no sign of life for the next. */
const FLEETING: ReadonlySet<EventType> = new Set<EventType>(['timer.set', 'timer.fired']);
const BEGINS: ReadonlySet<EventType> = new Set<EventType>(['attempt.begun', 'undo.begun', 'child.started']);
interface Takes {
  /** Claims in a row of which nothing came. */
  all: number;
  /** Those of them that another worker lost: who takes back what it left has lost nothing. */
  lost: number;
}
const NONE: Takes = { all: 0, lost: 0 };
const takes = new WeakMap<RunView, Takes>();

/** Before the event is folded into `view.state`. */
export function checkPoison({ findings }: { findings: Findings }, view: RunView, event: Event): void {
  const { run, state } = view;
  const isAside = state.quarantine !== undefined;
  if (isAside && BEGINS.has(event.type)) findings.add('poison.still', run, `${event.type} though the run is set aside`);
  const { all, lost } = takes.get(view) ?? NONE;
  const goesOn = state.phase === 'running' || state.phase === 'ending';
  if (event.type === 'run.claimed' && event.epoch > 1 && !isAside && goesOn && all >= MOST_TAKES)
    findings.add('poison.aside', run, `taken up for the ${all + 1}th time, though nothing came of it since`);
  if (event.type === 'run.quarantined' && lost < MOST_TAKES)
    findings.add('poison.needless', run, `set aside, and only ${lost} workers were lost with it in a row`);
  countTakes(view, event);
}

/** Also of what was checked before the disk went back. */
export function countTakes(view: RunView, event: Event): void {
  const { state } = view;
  const { all, lost } = takes.get(view) ?? NONE;
  if (event.type === 'run.claimed') {
    if (state.quarantine !== undefined || event.epoch === 1) return;
    takes.set(view, { all: all + 1, lost: lost + (event.worker === state.worker ? 0 : 1) });
  } else if (event.type !== 'run.quarantined' && !NOTHING.has(event.type) && !isVain(event))
    takes.set(view, FLEETING.has(event.type) ? { all: 0, lost } : NONE);
}

function isVain(event: Event): boolean {
  return event.type === 'attempt.ended' && (event.gone === true || event.late === true);
}
