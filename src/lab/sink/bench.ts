/** A site over a sink, in real time: it may die at a commit or while the sink works; a person answers what is asked. */
import { type AnyWorkflow, type Workflow } from '../../author/index.ts';
import type { RunState } from '../../model/index.ts';
import type { Agent } from '../../ports/agent/index.ts';
import { createMemoryStore } from '../../ports/store/memory.ts';
import { realClock } from '../../site/clock.ts';
import { openSite, type Site } from '../../site/site.ts';
import { createDoom, type Doom, type DoomAt, eventsOf } from '../trial/index.ts';
import type { Deed } from './book.ts';

export interface SinkRun {
  site: Site;
  state: RunState;
  events: Awaited<ReturnType<typeof eventsOf>>;
  /** What persons were asked: `gated` (may it?) or `person` (did it?), in order. */
  asked: string[];
  /** Commits of the first worker. */
  commits: number;
}

export interface SinkRunOptions {
  flow: AnyWorkflow;
  agents: Agent[];
  dies?: DoomAt;
  /** Hands out the first worker's doom, to die while the sink works. */
  doom?: (doom: Doom) => void;
  deeds: () => Deed[] | Promise<Deed[]>;
  /** Whether a person lets gated effects pass. Default true. */
  allows?: boolean;
  /** Said to the run once it waits for a person who says nothing. */
  cancelWhen?: (state: RunState) => boolean;
  budget?: { money?: number; calls?: number };
}

const PATIENCE_MS = 15_000;
const LOOK_MS = 3;
const RUN = 'r';

/** Until the run has ended, through as many workers as it takes (two). */
export async function runOverSink(options: SinkRunOptions): Promise<SinkRun> {
  const { flow, agents, deeds, allows = true } = options;
  const store = createMemoryStore();
  const asked: string[] = [];
  let workers = 0;
  const open = async (at?: DoomAt) => {
    const doom = createDoom(at);
    const own = { store: doom.store(store), clock: doom.clock(realClock), worker: `w${++workers}` };
    return { doom, site: await openSite({ ...own, workflows: [flow], agents }) };
  };
  let { site, doom } = await open(options.dies);
  options.doom?.(doom);
  const first = doom;
  const start = (): void =>
    void site.start(flow as Workflow<unknown, unknown>, undefined, { id: RUN, budget: options.budget }).catch(() => {});
  start();

  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await new Promise((r) => setTimeout(r, LOOK_MS))) {
    if (doom.dead) {
      ({ site, doom } = await open());
      if ((await store.info(RUN)) === null) start();
    }
    if ((await store.info(RUN)) === null) continue;
    const state = await site.state(RUN);
    if (state.phase === 'ended') break;
    if (options.cancelWhen?.(state) && state.cancelling === undefined && state.phase === 'running')
      await unlessDead(doom, site.cancel(RUN, 'enough'));
    for (const step of state.steps.values()) await answer(state, step.id, step.at);
  }

  /** Whoever is asked whether it happened looks at the sink, and says what is true. */
  async function answer(state: RunState, step: string, at: string): Promise<void> {
    const word = { id: `${step} ${state.head}` };
    if (at === 'gated') {
      asked.push('gated');
      await unlessDead(doom, allows ? site.approve(RUN, step, word) : site.deny(RUN, step, word));
    } else if (at === 'person') {
      asked.push('person');
      const done = (await deeds()).some((deed) => deed.key.includes(`:${step}:`) && deed.done > 0);
      const said = done ? site.approve(RUN, step, { ...word, value: 'a person saw it' }) : site.deny(RUN, step, word);
      await unlessDead(doom, said);
    }
  }

  const result = {
    site,
    state: await site.state(RUN),
    events: await eventsOf(store, RUN),
    asked,
    commits: first.commits,
  };
  doom.die();
  return result;
}

/** The dead answer nobody. */
async function unlessDead(doom: Doom, said: Promise<unknown>): Promise<void> {
  let done = false;
  void said.then(
    () => (done = true),
    () => (done = true),
  );
  while (!done && !doom.dead) await new Promise((r) => setTimeout(r, 1));
}
