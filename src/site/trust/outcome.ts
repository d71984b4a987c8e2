/** What a run's journal says of one settled step: who answered, and whose answers were the same. */
import { Fault, idAfter } from '../../base/index.ts';
import { type Checked, decodeRecord, type Event } from '../../model/index.ts';
import type { Store } from '../../ports/store/index.ts';
import { moveNamed } from '../names.ts';

/** Records read at a time. */
const PAGE = 256;

/** What the journal says of one step. */
interface Book {
  skill: string | undefined;
  agents: Map<number, string>;
  answered: Set<number>;
  /** Of the last verdict. */
  camps: Map<number, number>;
  from: number | undefined;
}

/**
 * The row for trust, and the id it is noted by: one, whichever name a renamed step is called by. That the step's answer is
 * right says so of all who gave it, and that the others were wrong; that it is wrong says nothing of those who gave another.
 */
export async function outcomeRow(
  store: Store,
  run: string,
  step: string,
  right: boolean,
): Promise<{ id: string; row: Checked }> {
  const books = new Map<string, Book>();
  let now = step;
  for await (const event of eventsOf(store, run)) {
    if (event.type === 'step.renamed') {
      moveNamed(books, event);
      now = idAfter(now, event.was, event.step);
    } else hear(books, event);
  }
  // Another step may have its former name since.
  const called = books.has(step) ? step : now;
  const book = books.get(called);
  if (book?.skill === undefined)
    throw new Fault('not-found', `run ${run} has no step '${step}' that asked an agent`, { detail: { run, step } });
  const { skill, agents, answered, camps, from } = book;
  if (from === undefined)
    throw new Fault('conflict', `step '${step}' of run ${run} has not settled with an agent's answer`, {
      detail: { run, step },
    });
  const chosen = camps.get(from) ?? 0;
  const said: Record<string, number> = {};
  for (const n of answered) {
    const camp = camps.get(n) ?? (n === from ? chosen : undefined);
    if (camp === undefined || (!right && camp !== chosen)) continue;
    said[agents.get(n)!] = camp;
  }
  return { id: `${run}|${called}`, row: { skill, said, right: right ? chosen : -1, source: 'outcome' } };
}

function hear(books: Map<string, Book>, event: Event): void {
  if (event.type === 'step.asked') {
    const skill = event.spec?.skill;
    books.set(event.step, { skill, agents: new Map(), answered: new Set(), camps: new Map(), from: undefined });
    return;
  }
  const book = 'step' in event && event.step !== undefined ? books.get(event.step) : undefined;
  if (book === undefined) return;
  if (event.type === 'attempt.begun') book.agents.set(event.n, event.agent);
  else if (event.type === 'attempt.ended' && event.fault === undefined) book.answered.add(event.n);
  else if (event.type === 'agree.verdict')
    book.camps = new Map(event.votes.flatMap(({ n, camp }) => (camp === undefined ? [] : [[n, camp]])));
  else if (event.type === 'step.settled') book.from = event.from;
}

async function* eventsOf(store: Store, run: string): AsyncGenerator<Event> {
  for (let from = 0; ;) {
    const page = (await store.read(run, { from, limit: PAGE })).filter((record) => record.seq >= from);
    const last = page.at(-1);
    if (last === undefined) return;
    for (const record of page) for (const { events } of decodeRecord(record)) yield* events;
    from = last.seq + last.count;
  }
}
