/** What became of every failure of a run, from its journal alone: healed (how, how long, at what cost), escalated, or open. */
import { type FaultData, isOfStep, isWithin } from '../../base/index.ts';
import { addAmounts, type Amounts, type CutMember, type Event } from '../../model/index.ts';

export interface FaultStory {
  step: string;
  /** Tries that failed, in order. */
  tries: { agent: string; fault: FaultData }[];
  /** silent: the journal says neither, and the run is over. It must not happen. */
  end: 'healed' | 'escalated' | 'open' | 'silent';
  by?: string;
  tookMs?: number;
  /** What the tries that failed had cost. */
  cost?: Amounts;
  fault?: FaultData;
  to?: 'person' | 'run';
  cut?: readonly CutMember[];
}

export function storyOf(events: Iterable<Event>): FaultStory[] {
  const stories: FaultStory[] = [];
  const open = new Map<string, FaultStory>();
  const agents = new Map<string, string>();
  const settled = new Set<string>();
  let over = false;
  const storyAt = (step: string): FaultStory => {
    let story = open.get(step);
    if (story === undefined) {
      open.set(step, (story = { step, tries: [], end: 'open' }));
      stories.push(story);
    }
    return story;
  };
  /** Under its new name it goes on where it was. */
  const rename = (was: string, id: string): void => {
    const now = (at: string): string | undefined =>
      at === was || isWithin(at, was) || at.startsWith(`${was}|`) ? id + at.slice(was.length) : undefined;
    for (const map of [open, agents] as Map<string, unknown>[]) {
      const before = [...map];
      for (const [at, value] of before) {
        const to = now(at);
        if (to === undefined) continue;
        map.delete(at);
        map.set(to, value);
      }
    }
    const ended = [...settled];
    for (const at of ended) {
      const to = now(at);
      if (to === undefined) continue;
      settled.delete(at);
      settled.add(to);
    }
    for (const [step, story] of open) story.step = step;
  };
  for (const event of events) {
    switch (event.type) {
      case 'attempt.begun':
        agents.set(`${event.step}|${event.n}`, event.agent);
        break;
      case 'attempt.ended': {
        // Nobody waited for it any more: no failure of the step.
        if (event.fault === undefined || event.late === true) break;
        const story = storyAt(event.step);
        story.tries.push({ agent: agents.get(`${event.step}|${event.n}`) ?? '', fault: event.fault });
        if (event.cost !== undefined) story.cost = addAmounts(story.cost ?? {}, event.cost);
        break;
      }
      case 'effect.unknown':
        // Of a step that has its end, it is found out for the undo and the bill.
        if (!settled.has(event.step)) storyAt(event.step);
        break;
      case 'step.redone': {
        // With another input: what failed with the former one, or inside of it, is wanted no more.
        for (const [step, story] of open) {
          if (!isOfStep(step, event.step)) continue;
          if (story.end === 'open')
            Object.assign(story, { end: 'escalated', fault: story.tries.at(-1)?.fault, to: 'run', cut: [] });
          open.delete(step);
        }
        for (const step of settled) if (isOfStep(step, event.step)) settled.delete(step);
        break;
      }
      case 'step.asked':
        settled.delete(event.step);
        break;
      case 'step.renamed':
        rename(event.was, event.step);
        break;
      case 'fault.healed': {
        const story = storyAt(event.step);
        Object.assign(story, { end: 'healed', by: event.by, tookMs: event.tookMs });
        open.delete(event.step);
        break;
      }
      case 'fault.escalated': {
        const story = storyAt(event.step);
        const { fault, to, cut } = event;
        Object.assign(story, { end: 'escalated', fault, to, cut });
        // A person may still heal it.
        if (to === 'run') open.delete(event.step);
        break;
      }
      case 'step.settled':
        settled.add(event.step);
        // Taken back before anybody had an answer to it: the run did not want it any more.
        if (event.out === 'cancelled' && open.get(event.step)?.end === 'open')
          Object.assign(open.get(event.step)!, { end: 'escalated', fault: event.fault, to: 'run', cut: [] });
        break;
      case 'run.ended':
        over = true;
        break;
      default:
    }
  }
  if (over) for (const story of open.values()) if (story.end === 'open') story.end = 'silent';
  return stories;
}
