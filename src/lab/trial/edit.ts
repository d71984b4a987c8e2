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
}

export const SKILLS = ['a', 'b', 'c', 'd', 'hold', 'late', 'fail', 'payx', 'payy', 'bookx', 'booky', 'mailx', 'shoutx'];
const RUN = 'r';

export function of<T extends EventType>(events: readonly Event[], type: T): EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type);
}

/** Plays the edit. `at`: v1 dies at this commit instead of where it holds. */
export async function play(edit: Edit, at?: DoomAt): Promise<Played & { commits: number }> {
  const trial = createTrial();
  const world = createWorld(SKILLS);
  for (const skill of edit.held ?? ['hold']) world.held.add(skill);
  for (const skill of edit.silent ?? []) world.silent.add(skill);
  const v1 = workflow('edited', edit.options ?? {}, (run) => edit.v1(run, world));
  const v2 = workflow('edited', edit.options ?? {}, (run) => edit.v2(run, world));
  const first = await trial.open({ workflows: [v1, ...(edit.workflows ?? [])], agents: world.agents }, at);
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

  const { site } = await trial.open({ workflows: [v2, ...(edit.workflows ?? [])], agents: world.agents });
  const standsStill = async (): Promise<boolean> =>
    trial.clock.until(
      async () => (await trial.isEnded(RUN)) || (site.worker.hosts.get(RUN)?.state.drifting?.size ?? 0) > 0,
      20_000,
    );
  const known = (await trial.store.info(RUN)) !== null;
  if (!known) await site.start(v2, undefined, { id: RUN });
  for (let i = 0; i < 20; i++) {
    const moves = await standsStill();
    if (await trial.isEnded(RUN)) break;
    const state = site.worker.hosts.get(RUN)?.state;
    const drifting =
      state === undefined ? [] : [...state.steps.values()].filter((step) => step.driftHash !== undefined);
    for (const step of drifting) {
      if (edit.drift === undefined) throw new Error(`${edit.name}: step ${step.id} drifted`);
      await site.resolveDrift(RUN, step.id, edit.drift);
    }
    if (!moves && drifting.length === 0) {
      if (edit.person === undefined) break;
      await edit.person(await played());
    }
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
    };
  }
  return { ...(await played()), commits: first.doom.commits };
}
