/**
 * An edit: a run of code v1 dies where v1 holds (or at a commit), and goes on with code v2. A drift that a
 * person must decide is answered as the edit says.
 */
import type { Json } from '../../base/index.ts';
import { type AnyWorkflow, type Run, workflow, type WorkflowOptions } from '../../author/index.ts';
import type { Event, EventOf, EventType, RunState } from '../../model/index.ts';
import type { DoomAt } from './doom.ts';
import { createTrial, type Trial } from './trial.ts';
import { createWorld, type World } from './world.ts';

export type Code = (run: Run, world: World) => unknown;

export interface Edit {
  name: string;
  v1: Code;
  v2: Code;
  /** Skills whose first call gets no answer: where v1 stops. Default: `hold`. */
  held?: string[];
  /** Skills whose sink works in v1, but says nothing. */
  silent?: string[];
  workflows?: AnyWorkflow[];
  /** Asked by a person whenever a step drifts; without it a drift is not expected. */
  drift?: 'keep' | 'redo';
  options?: WorkflowOptions<unknown, unknown>;
  /** Said to the run when v2 has come to stand (a gate's answer, a signal). */
  person?: (trial: Played) => Promise<unknown>;
  output?: Json;
  /** Calls of v2, in order. */
  again?: string[];
  check?: (played: Played) => void | Promise<void>;
  /** At a crash inside of v1 these outputs are right too. */
  orOutputs?: Json[];
  /** Where nothing holds, as in the simulator (v1 comes further, another is faster), these are too. */
  later?: Json[];
}

export interface Played {
  trial: Trial;
  world: World;
  /** Of all who worked on it, the last. */
  site: Awaited<ReturnType<Trial['open']>>['site'];
  state: RunState;
  /** Calls of v1 and of v2. */
  before: string[];
  again: string[];
  /** Events of v2. */
  events: Event[];
  all: Event[];
  ended: boolean;
  drifts: EventOf<'drift.found'>[];
  /** Commits of v1, and of the first worker of v2. */
  commits: { v1: number; v2: number };
}

export const SKILLS = ['a', 'b', 'c', 'd', 'hold', 'late', 'fail', 'payx', 'payy', 'bookx', 'booky', 'mailx', 'shoutx'];
const RUN = 'r';

export function of<T extends EventType>(events: readonly Event[], type: T): EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type);
}

/** Where v1 dies instead of where it holds, and where the first worker of v2 dies. */
export interface Deaths {
  v1?: DoomAt;
  v2?: DoomAt;
}

export async function play(edit: Edit, deaths: Deaths = {}): Promise<Played> {
  const trial = createTrial();
  const world = createWorld(SKILLS);
  for (const skill of edit.held ?? ['hold']) world.held.add(skill);
  for (const skill of edit.silent ?? []) world.silent.add(skill);
  const v1 = workflow('edited', edit.options ?? {}, (run) => edit.v1(run, world));
  const v2 = workflow('edited', edit.options ?? {}, (run) => edit.v2(run, world));
  const others = edit.workflows ?? [];
  const first = await trial.open({ workflows: [v1, ...others], agents: world.agents }, deaths.v1);
  void first.site.start(v1, undefined, { id: RUN });
  await trial.clock.drain();
  await trial.clock.jump(10);
  await trial.clock.jump(10);
  first.doom.die();
  const before = world.calls.splice(0);
  const headBefore = (await trial.events(RUN)).length;
  world.held.clear();
  world.silent.clear();
  world.busy.clear();

  const open = (at?: DoomAt) => trial.open({ workflows: [v2, ...others], agents: world.agents }, at);
  let { site, doom } = await open(deaths.v2);
  const commits = { v1: first.doom.commits, v2: 0 };
  for (let i = 0; i < 40 && !(await trial.isEnded(RUN)); i++) {
    if (doom.dead) {
      commits.v2 = doom.commits;
      ({ site, doom } = await open());
    }
    if ((await trial.store.info(RUN)) === null) await orDeath(site.start(v2, undefined, { id: RUN }));
    const moved = await trial.clock.until(
      async () => doom.dead || (await trial.isEnded(RUN)) || driftingHere().length > 0,
      20_000,
    );
    if (doom.dead || (await trial.isEnded(RUN))) continue;
    for (const step of driftingHere()) {
      if (edit.drift === undefined) throw new Error(`${edit.name}: step ${step} drifted`);
      await orDeath(site.resolveDrift(RUN, step, edit.drift));
    }
    if (moved) continue;
    if (edit.person === undefined) break;
    await orDeath(edit.person(await played()));
  }

  function driftingHere(): string[] {
    const steps = site.worker.hosts.get(RUN)?.state.steps.values() ?? [];
    return [...steps].filter((step) => step.driftHash !== undefined).map((step) => step.id);
  }

  /** The dead answer nobody. */
  async function orDeath(said: Promise<unknown>): Promise<void> {
    let done = false;
    void said.finally(() => (done = true));
    await trial.clock.until(() => done || doom.dead, 1_000);
  }

  async function played(): Promise<Played> {
    const all = await trial.events(RUN);
    return {
      trial,
      world,
      site,
      state: await site.state(RUN),
      before,
      again: world.calls,
      all,
      events: all.slice(headBefore),
      ended: await trial.isEnded(RUN),
      drifts: of(all, 'drift.found'),
      commits: { v1: commits.v1, v2: commits.v2 || doom.commits },
    };
  }
  return played();
}
