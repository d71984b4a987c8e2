/**
 * Who answers for runs whose code is edited: a person decides on drift, passes gates and sends signals, as the edit says. And
 * who decides on drift where a plan is changed.
 */
import type { SeededChance } from '../../base/index.ts';
import type { RunState } from '../../model/index.ts';
import type { Site } from '../../site/site.ts';
import type { Played } from '../trial/index.ts';
import type { Job } from './people.ts';
import type { RunView } from './views.ts';
import type { World } from './world.ts';

export interface EditorOptions {
  world: World;
  chance: SeededChance;
  site(): Site | undefined;
  viewOf(run: string): RunView | undefined;
}

const LOOK_MS = 120;
/** By then the edit has reached every process, and what is still refused is refused for good. */
const MOST_WORDS = 60;

/** Looks after one run until it has ended. */
export function attend(o: EditorOptions, job: Job): void {
  const { world, chance } = o;
  let words = 0;
  let looks = 0;
  const look = (): void => {
    const state = o.viewOf(job.run)?.state;
    const site = o.site();
    if (state?.phase === 'running' && site !== undefined) {
      // Where the edit wants nothing said, something is said in the end: a run that has left memory waits for it.
      const mayWait = (): boolean => job.edit!.person !== undefined || ++looks < MOST_WORDS;
      // A word that is lost is said again; one that comes too late is refused.
      for (const said of answers(state, site, job, words < MOST_WORDS && !chance.yes(0.05) && mayWait())) {
        words++;
        void said().catch(() => {});
      }
    }
    world.after(LOOK_MS + chance.int(300), look);
  };
  world.after(job.atMs, look);
}

/** Another plan asks a step otherwise than it was worked: it is to be worked anew. */
export function redoDrifted({ world, chance, site, viewOf }: EditorOptions, { run, atMs }: Job): void {
  const look = (): void => {
    const state = viewOf(run)?.state;
    const here = site();
    if (state?.phase === 'running' && here !== undefined)
      for (const step of state.steps.values())
        if (step.driftHash !== undefined) void here.resolveDrift(run, step.id, 'redo').catch(() => {});
    world.after(LOOK_MS + chance.int(300), look);
  };
  world.after(atMs, look);
}

function answers(state: RunState, site: Site, job: Job, asEdited: boolean): (() => Promise<unknown>)[] {
  const edit = job.edit!;
  const steps = [...state.steps.values()];
  const drifted = steps.filter((step) => step.driftHash !== undefined);
  if (drifted.length > 0) return drifted.map((step) => () => site.resolveDrift(job.run, step.id, edit.drift ?? 'redo'));
  // Whether something took place is asked of the sink, not of the edit.
  const isUnknown = steps.some((step) => step.attempts?.some((a) => a.status === 'unknown'));
  if (isUnknown) return [];
  const waits = steps.some(
    (step) => step.settledSeq === 0 && (step.at === 'gated' || step.kind === 'gate' || step.kind === 'signal'),
  );
  if (!waits) return [];
  // A run that waits for a person alone has left memory: nobody looks at it until she says something.
  const gates = steps.filter((step) => step.settledSeq === 0 && step.kind === 'gate' && step.spec.right === undefined);
  if (!asEdited) return gates.map((step) => () => site.approve(job.run, step.id));
  if (edit.person === undefined) return [];
  const here = new Proxy(site, {
    get: (of, name) => {
      const member: unknown = Reflect.get(of, name);
      if (typeof member !== 'function') return member;
      // Edits call their run `r`.
      return (_run: string, ...rest: unknown[]) => Reflect.apply(member, of, [job.run, ...rest]) as unknown;
    },
  });
  return [() => edit.person!({ site: here, state } as Played)];
}
