/** Starting and forking runs: with an Idempotency-Key once, however often it is said, also over restarts. */
import { canonicalJson, hashText } from '../../../base/index.ts';
import { ERASED, hasRight, type RunState } from '../../../model/index.ts';
import { checkInput } from '../../../site/admission.ts';
import type { Site } from '../../../site/site.ts';
import { requireRight } from '../../guard/index.ts';
import type { Desk, Handlers } from '../given.ts';
import { seenRun } from '../seeing.ts';
import { usedBefore } from './key.ts';

/** Runs that are made for a key are found again by it. */
function runOfKey(key: string | undefined): string | undefined {
  return key === undefined ? undefined : `k_${hashText(key).slice(0, 32)}`;
}

export function startingHandlers({ site }: Desk): Handlers<'startRun' | 'forkRun'> {
  return {
    async startRun({ body, by, key, header }) {
      const { workflow, input, ...how } = body;
      if (!hasRight(by, 'run:start')) requireRight(by, `run:start:${workflow.split('@')[0]!}`);
      // The last places are kept for those who were given them.
      if (how.priority === 'high') requireRight(by, 'run:high');
      const id = runOfKey(key);
      const isThere = id !== undefined && (await site.store.info(id)) !== null;
      const { run } = await site.start(workflow, input, { ...how, id, by, traceparent: header('traceparent') });
      if (id !== undefined) checkSame(await site.state(id), site, workflow, input);
      return started(run, isThere);
    },
    async forkRun({ params, body, by, key }) {
      await seenRun(site, params.run, by);
      requireRight(by, 'run:start');
      if (body.allowEffects === true) requireRight(by, 'effect:allow');
      const id = runOfKey(key);
      const isThere = id !== undefined && (await site.store.info(id)) !== null;
      const { run } = await site.fork(params.run, { ...body, id, by });
      if (id !== undefined && (await site.state(id)).forkOf?.run !== params.run) throw usedBefore();
      return started(run, isThere);
    },
  };
}

function checkSame(state: RunState, site: Site, workflow: string, input: unknown): void {
  const [name, version] = workflow.split('@');
  if (state.workflow !== name || (version !== undefined && state.version !== version) || state.forkOf !== undefined)
    throw usedBefore();
  const flow = site.workflows().find((one) => one.name === state.workflow && one.version === state.version);
  if (flow === undefined || state.input === ERASED) return;
  if (canonicalJson(checkInput(flow, input)) !== canonicalJson(state.input)) throw usedBefore();
}

function started(run: string, isThere: boolean) {
  const answer = { body: { run }, location: `/v1/runs/${encodeURIComponent(run)}` };
  return isThere ? { status: 200 as const, ...answer } : { status: 201 as const, ...answer };
}
