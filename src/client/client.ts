/** A site from afar: the calls of its HTTP door, typed by the schemas that check them. For Node and browsers. */
import type { Json } from '../base/json.ts';
import type {
  AgentView,
  AnswerOf,
  CallInput,
  RunListed,
  SiteLine,
  StartWord,
  WorkflowView,
} from '../model/wire/index.ts';
import { watchSite, type WatchOptions } from './follow.ts';
import { freshKey, type RemoteRun, remoteRun, type Wish, type Word } from './run.ts';
import { createWire, type WireOptions } from './wire.ts';

export type ClientOptions = WireOptions;

export interface StartOptions extends Word, Omit<StartWord, 'workflow' | 'input'> {}

export interface Client {
  /** What the site is, and who we are there. */
  site(how?: Wish): Promise<AnswerOf<'site'>>;
  workflows(how?: Wish): Promise<WorkflowView[]>;
  agents(how?: Wish): Promise<AgentView[]>;
  start(workflow: string, input?: Json, options?: StartOptions): Promise<RemoteRun>;
  /** Runs, newest first, page after page as they are asked for. */
  runs(query?: Omit<CallInput<'listRuns'>['query'], 'cursor'> & Wish): AsyncIterable<RunListed>;
  /** Events of all runs, over lost connections, none missed and none doubled; goes on until it is told to stop. */
  watch(how?: WatchOptions): AsyncIterable<SiteLine>;
  /** A run by its id; nothing is asked yet. */
  run(run: string): RemoteRun;
  /** Whether the site can work now. */
  isReady(how?: Wish): Promise<boolean>;
  /** Its figures, as Prometheus reads them. */
  metrics(how?: Wish): Promise<string>;
}

export function createClient(options: ClientOptions): Client {
  const wire = createWire(options);

  return {
    site: (how) => wire.call('site', {}, how),
    workflows: async (how) => (await wire.call('workflows', {}, how)).items,
    agents: async (how) => (await wire.call('agents', {}, how)).items,
    async start(workflow, input, { key = freshKey(), signal, ...how } = {}) {
      const { run } = await wire.call('startRun', { body: { workflow, input, ...how } }, { key, signal });
      return remoteRun(wire, run);
    },
    async *runs({ signal, ...query } = {}) {
      for (let cursor: string | undefined; ;) {
        const page = await wire.call('listRuns', { query: { ...query, cursor } }, { signal });
        yield* page.items;
        if (page.next === undefined) return;
        cursor = page.next;
      }
    },
    watch: (how) => watchSite(wire, how),
    run: (run) => remoteRun(wire, run),
    async isReady(how = {}) {
      try {
        await wire.open('readyz', {}, how);
        return true;
      } catch {
        how.signal?.throwIfAborted();
        return false;
      }
    },
    metrics: (how) => wire.call('metrics', {}, how),
  };
}
