/** What an edit in flight makes of what is remembered of a run: new names, work taken away, work done anew. */
import { escapeKey, idAfter, isOfStep, isWithin } from '../../base/index.ts';
import { effectKey, type Event, firstOf, hasChildOut } from '../../model/index.ts';
import type { RunView } from './views.ts';

/** Before the event is folded: whose effects a word lets happen again. */
export function beforeEdit(view: RunView, event: Event): void {
  const { state } = view;
  // Taken away while its child is out: the next plan that has the step begins another.
  if (event.type === 'step.orphaned')
    for (const [id, step] of state.steps)
      if (hasChildOut(step) && isOfStep(id, event.step)) view.forsaken.add(firstOf(step.child!));
  if (event.type !== 'step.redone') return;
  const step = state.steps.get(event.step);
  const keys = new Set(step === undefined ? [] : [effectKey(state, step)]);
  for (const done of state.effects) if (isOfStep(done.step, event.step)) keys.add(done.key);
  for (const [id, { child }] of state.steps)
    if (child !== undefined && isOfStep(id, event.step)) view.forsaken.add(child);
  for (const key of keys) view.redone.set(key, (view.redone.get(key) ?? 0) + 1);
}

/** After it is folded. */
export function afterEdit(view: RunView, event: Event): void {
  switch (event.type) {
    case 'step.renamed':
      return rename(view, event.was, event.step);
    case 'step.redone':
      return forget(view, (id) => id === event.step || isAway(view, id, event.step));
    case 'step.orphaned':
    case 'attempt.ended':
      // While a call of it is out, it stands.
      if (view.state.steps.has(event.step)) return;
      return forget(view, (id) => id === event.step || isAway(view, id, event.step));
    case 'step.asked': {
      // Asked with other branches or items while it is open: what stands inside of those that are kept stays.
      const kept = [...(view.state.steps.get(event.step)?.branches?.keys() ?? [])];
      const scopes = kept.map((key) => `${event.step}/${escapeKey(key)}`);
      return forget(view, (id) => isAway(view, id, event.step) && !scopes.some((scope) => isWithin(id, scope)));
    }
    default:
  }
}

/** It stood inside, and nothing of it is out. */
function isAway(view: RunView, id: string, scope: string): boolean {
  return isWithin(id, scope) && !view.state.steps.has(id);
}

function forget(view: RunView, gone: (id: string) => boolean): void {
  for (const map of [view.settled, view.children]) for (const id of map.keys()) if (gone(id)) map.delete(id);
  for (const id of view.frozen) if (gone(id)) view.frozen.delete(id);
  for (const at of view.begun.keys()) if (gone(stepOf(at))) view.begun.delete(at);
  for (const at of view.ended) if (gone(stepOf(at))) view.ended.delete(at);
}

function rename(view: RunView, was: string, id: string): void {
  const now = (at: string): string => idAfter(at, was, id);
  const nowCall = (at: string): string => now(stepOf(at)) + at.slice(stepOf(at).length);
  view.settled = rekeyed(view.settled, now);
  view.children = rekeyed(view.children, now);
  view.begun = rekeyed(view.begun, nowCall);
  view.frozen = new Set([...view.frozen].map(now));
  view.left = new Set([...view.left].map(now));
  view.ended = new Set([...view.ended].map(nowCall));
}

function rekeyed<T>(map: Map<string, T>, now: (id: string) => string): Map<string, T> {
  return new Map([...map].map(([id, value]) => [now(id), value] as const));
}

/** Of `step|n`; a step's id may hold the sign too. */
function stepOf(at: string): string {
  return at.slice(0, at.lastIndexOf('|'));
}
