/** Starting and forking runs: with an Idempotency-Key once, however often it is said, also over restarts. */
import { hasRight } from '../../../model/index.ts';
import { checkSame, requireRight, runOfKey, usedBefore } from '../../guard/index.ts';
import type { Desk, Handlers } from '../given.ts';
import { seenRun } from '../seeing.ts';

const KEY = 'Idempotency-Key';

export function startingHandlers({ site }: Desk): Handlers<'startRun' | 'forkRun'> {
  return {
    async startRun({ body, by, key, header }) {
      const { workflow, input, ...how } = body;
      if (!hasRight(by, 'run:start')) requireRight(by, `run:start:${workflow.split('@')[0]!}`);
      // The last places are kept for those who were given them.
      if (how.priority === 'high') requireRight(by, 'run:high');
      const id = key === undefined ? undefined : runOfKey(key);
      const isThere = id !== undefined && (await site.store.info(id)) !== null;
      const { run } = await site.start(workflow, input, { ...how, id, by, traceparent: header('traceparent') });
      if (id !== undefined) checkSame(await site.state(id), site, workflow, input, KEY);
      return started(run, isThere);
    },
    async forkRun({ params, body, by, key }) {
      await seenRun(site, params.run, by);
      requireRight(by, 'run:start');
      if (body.allowEffects === true) requireRight(by, 'effect:allow');
      const id = key === undefined ? undefined : runOfKey(key);
      const isThere = id !== undefined && (await site.store.info(id)) !== null;
      const { run } = await site.fork(params.run, { ...body, id, by });
      if (id !== undefined && (await site.state(id)).forkOf?.run !== params.run) throw usedBefore(KEY);
      return started(run, isThere);
    },
  };
}

function started(run: string, isThere: boolean) {
  const answer = { body: { run }, location: `/v1/runs/${encodeURIComponent(run)}` };
  return isThere ? { status: 200 as const, ...answer } : { status: 201 as const, ...answer };
}
