/** Looking at runs. */
import { isOfStep, toFault } from '../../../base/index.ts';
import { hasRight } from '../../../model/index.ts';
import { verifyStream } from '../../../site/audit/index.ts';
import { diffRuns } from '../../../site/diff.ts';
import { replay } from '../../../site/replay.ts';
import { standingOf } from '../../../site/watch-site.ts';
import { eventStream, seqOf } from '../events.ts';
import type { Desk, Handlers } from '../given.ts';
import { READ, seenRun } from '../seeing.ts';
import { bytesOf, PAGE_BYTES, pageOf } from './page.ts';
import { viewRun, viewStep } from './views.ts';

type Names =
  | 'listRuns'
  | 'showRun'
  | 'runOutput'
  | 'runSteps'
  | 'runJournal'
  | 'runEvents'
  | 'siteEvents'
  | 'runGates'
  | 'diffRuns'
  | 'replayRun'
  | 'verifyRun';

/** A run that has ended is read in this time, or the caller asks again. */
const ENDED_WAIT_MS = 5_000;

export function readingHandlers({ site, guard, metrics }: Desk): Handlers<Names> {
  return {
    async listRuns({ query, by }) {
      const { cursor, ...how } = query;
      const own = hasRight(by, READ) ? undefined : by.id;
      const { runs, next } = await site.runs({ ...how, after: cursor, by: own });
      return { status: 200, body: { items: runs, next } };
    },
    async showRun({ params, by }) {
      await seenRun(site, params.run, by);
      return { status: 200, body: viewRun(await site.state(params.run)) };
    },
    async runOutput({ params, query, by, signal }) {
      const { status } = await seenRun(site, params.run, by);
      const notYet = { status: 202, body: { run: params.run, phase: 'running' } } as const;
      if (status === 'open' && query.waitMs === 0) return notYet;
      const late = AbortSignal.timeout(status === 'open' ? query.waitMs : Math.max(ENDED_WAIT_MS, query.waitMs));
      try {
        const result = await site.handle(params.run).result({ signal: AbortSignal.any([late, signal]) });
        return { status: 200, body: result };
      } catch (thrown) {
        if (late.aborted || signal.aborted) return notYet;
        throw toFault(thrown, 'internal');
      }
    },
    async runSteps({ params, query, by }) {
      await seenRun(site, params.run, by);
      const { steps } = await site.state(params.run);
      const wanted = [...steps.values()].filter(
        ({ id, settledSeq }) =>
          (query.step === undefined || isOfStep(id, query.step)) &&
          (query.open === undefined || query.open === (settledSeq === 0)),
      );
      return { status: 200, body: pageOf(wanted, ({ id }) => id, viewStep, query) };
    },
    async runJournal({ params, query, by, signal }) {
      const { events } = await seenRun(site, params.run, by);
      const items = [];
      let bytes = 0;
      for await (const line of site.watch(params.run, { after: query.after, live: false, signal })) {
        items.push(line);
        bytes += bytesOf(line.event.data);
        if (items.length === query.limit || bytes > PAGE_BYTES) break;
      }
      const last = items.at(-1)?.seq;
      return { status: 200, body: { items, next: last === undefined || last + 1 >= events ? undefined : last } };
    },
    async runEvents({ params, query, by, header, signal }) {
      await seenRun(site, params.run, by);
      const after = seqOf(header('last-event-id') ?? query.after);
      return eventStream({
        open: (signal) => site.watch(params.run, { after, signal }),
        idOf: ({ seq }) => seq,
        listen: query.pieces ? (heard) => site.listen(params.run, heard) : undefined,
        place: () => guard.openStream(by),
        gone: signal,
        metrics,
      });
    },
    async siteEvents({ query, by, header, signal }) {
      const from = await standingOf(site.store, header('last-event-id') || query.after);
      const own = hasRight(by, READ) ? undefined : by.id;
      const { workflow } = query;
      return eventStream({
        from,
        open: (signal, onPlace) => site.watch({ after: from, workflow, by: own, signal, onPlace }),
        idOf: ({ id }) => id,
        place: () => guard.openStream(by),
        gone: signal,
        metrics,
      });
    },
    async runGates({ params, by }) {
      const row = await seenRun(site, params.run, by);
      return { status: 200, body: { items: row.status === 'ended' ? [] : await site.gates(params.run) } };
    },
    async diffRuns({ params, query, by }) {
      await seenRun(site, params.run, by);
      await seenRun(site, query.with, by);
      const diff = await diffRuns(site.store, params.run, query.with);
      return { status: 200, body: { ...diff } };
    },
    async replayRun({ params, by }) {
      await seenRun(site, params.run, by);
      return { status: 200, body: { ...(await replay(site.store, params.run)) } };
    },
    async verifyRun({ params, by }) {
      await seenRun(site, params.run, by);
      const findings = await verifyStream(site.store, params.run);
      return { status: 200, body: { run: params.run, whole: findings.length === 0, findings } };
    },
  };
}
