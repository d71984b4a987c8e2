/** The site itself: what it is, what it has, whether it works. */
import { type Clock, Fault, toFault } from '../../../base/index.ts';
import { realClock } from '../../../site/clock.ts';
import { ENGINE } from '../../../site/site.ts';
import { within } from '../../../site/within.ts';
import { requireRight } from '../../guard/index.ts';
import type { Desk, Handlers } from '../given.ts';
import { openApi } from '../openapi.ts';
import { viewAgent, viewWorkflow } from './views.ts';

type Names = 'site' | 'workflows' | 'agents' | 'healthz' | 'readyz' | 'metrics' | 'openapi';

/** A store that takes longer for one row is not ready. */
const READY_MS = 2_000;

export function aboutHandlers({ site, metrics }: Desk, clock: Clock = realClock): Handlers<Names> {
  let document: ReturnType<typeof openApi> | undefined;
  return {
    site: ({ by }) => ({
      status: 200,
      body: {
        engine: ENGINE,
        store: site.store.kind,
        principal: by,
        workflows: site.workflows().length,
        agents: site.agents.list().length,
      },
    }),
    workflows: () => ({ status: 200, body: { items: site.workflows().map(viewWorkflow) } }),
    agents: () => ({ status: 200, body: { items: site.agents.list().map(viewAgent) } }),
    healthz: () => ({ status: 200, body: { status: 'ok' } }),
    async readyz() {
      const startedMs = clock.monotonicMs();
      await storeAnswers();
      const { trouble } = site.worker;
      if (trouble !== undefined) throw new Fault('overloaded', `commits fail now: ${trouble.code}`);
      return { status: 200, body: { status: 'ready', storeMs: clock.monotonicMs() - startedMs } };
    },
    async metrics({ by }) {
      requireRight(by, 'metrics:read');
      return new Response(await metrics.text(), { headers: { 'content-type': 'text/plain; version=0.0.4' } });
    },
    openapi() {
      document ??= openApi();
      return { status: 200, body: document };
    },
  };

  async function storeAnswers(): Promise<void> {
    let fault: Fault | undefined;
    const isDone = await within(clock, ask(), READY_MS);
    // Any fault of the store's is one and the same to whoever asks whether we are ready.
    if (!isDone) throw new Fault('overloaded', `the store has not answered in ${READY_MS} ms`);
    if (fault !== undefined) throw new Fault('overloaded', `the store does not answer: ${fault.code}`);

    async function ask(): Promise<void> {
      try {
        await site.store.list({ limit: 1 });
      } catch (thrown) {
        fault = toFault(thrown, 'store.io');
      }
    }
  }
}
