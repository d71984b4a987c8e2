/** What a run's journal says of one settled step: who answered, and whose answers were the same. */
import { Fault } from '../../base/index.ts';
import { type Checked, decodeRecord, type Event } from '../../model/index.ts';
import type { Store } from '../../ports/store/index.ts';

/** Records read at a time. */
const PAGE = 256;

/**
 * The row for trust. That the step's answer is right says so of all who gave it, and that the others were wrong; that
 * it is wrong says nothing of those who gave another.
 */
export async function outcomeRow(store: Store, run: string, step: string, right: boolean): Promise<Checked> {
  const agents = new Map<number, string>();
  const answered = new Set<number>();
  const camps = new Map<number, number>();
  let skill: string | undefined;
  let from: number | undefined;
  for await (const event of eventsOf(store, run)) {
    if (!('step' in event) || event.step !== step) continue;
    if (event.type === 'step.asked') skill = event.spec?.skill;
    else if (event.type === 'attempt.begun') agents.set(event.n, event.agent);
    else if (event.type === 'attempt.ended' && event.fault === undefined) answered.add(event.n);
    else if (event.type === 'agree.verdict') {
      camps.clear();
      for (const vote of event.votes) if (vote.camp !== undefined) camps.set(vote.n, vote.camp);
    } else if (event.type === 'step.settled') from = event.from;
  }
  if (skill === undefined)
    throw new Fault('not-found', `run ${run} has no step '${step}' that asked an agent`, { detail: { run, step } });
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
  return { skill, said, right: right ? chosen : -1, source: 'outcome' };
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
