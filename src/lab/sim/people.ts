/**
 * Who talks to the site from outside: clients that start and cancel runs and send signals until they
 * are heard, and a person who answers gates, late, twice, and after somebody without the right tried.
 */
import {
  type Amounts,
  effectKey,
  type Event,
  type Plan,
  presentId,
  type Principal,
  WHOLE_RUN,
} from '../../model/index.ts';
import { type Fault, hashText, type Json, type SeededChance } from '../../base/index.ts';
import { planWorkflow } from '../../author/index.ts';
import type { RunHandle, Site } from '../../site/site.ts';
import { sinkSays } from './agents.ts';
import type { Edit } from '../trial/index.ts';
import { attend, redoDrifted } from './editor.ts';
import type { Changed } from './flows/index.ts';
import type { Truth } from './truth.ts';
import type { RunView } from './views.ts';
import type { World } from './world.ts';

/** A step of it may drift, by another plan. */
export function isAskedOtherwise({ replan }: Job): boolean {
  return replan?.change === 'otherwise' || replan?.another?.change === 'otherwise';
}

type Replanned = Changed & { atMs: number };

export interface Job {
  run: string;
  /** A workflow as code (`gen`), or the name of the plan. */
  flow: string;
  plan?: Plan;
  /** It gets this plan instead while it runs. */
  replan?: Replanned & { another?: Replanned };
  /** Its code is edited while it runs. */
  edit?: Edit;
  input: Json;
  /** Signals that it may wait for. */
  signals: readonly string[];
  atMs: number;
  budget?: Amounts;
  /** From its start. */
  deadlineMs?: number;
  cancelAtMs?: number;
  /** Its outcome hangs on nothing but its input. */
  steady: boolean;
}

export const PAT: Principal = { id: 'pat', rights: ['*'] };
export const EVE: Principal = { id: 'eve', rights: ['gate:look', 'signal:other'] };

export const rightsOf = (id: string): readonly string[] | undefined =>
  ({ pat: PAT.rights, eve: EVE.rights })[id as 'pat'];

export interface People {
  begin(job: Job): void;
  heard(view: RunView, event: Event): void;
  /** Looks everywhere for what waits for a person (after a power cut). */
  lookAround(): void;
  /** A backup was restored: what was acknowledged since is not there, and runs that are gone are started again. */
  restored(isThere: (run: string) => boolean): void;
  /** Words that the site has acknowledged: run and id of the message. */
  readonly acknowledged: readonly { run: string; id: string }[];
  readonly started: ReadonlySet<string>;
  /** What clients were told of how their runs ended. */
  readonly told: readonly { run: string; outcome: string; output: Json | undefined }[];
  /** Something is still being said. */
  readonly busy: boolean;
}

export interface PeopleOptions {
  world: World;
  truth: Truth;
  chance: SeededChance;
  /** Any site that is up now. */
  site(): Site | undefined;
  /** Starts a run with the same seed, whoever starts it. */
  start(site: Site, job: Job, mayHaveRun: boolean): Promise<RunHandle>;
  viewOf(run: string): RunView | undefined;
  views(): Iterable<RunView>;
}

const AGAIN_MS = 400;

/** Whether a word that is refused need not be said again. `isOfNow`: it says how things stood when it was said. */
interface Over {
  (): boolean;
  isOfNow?: true;
}

export function createPeople(options: PeopleOptions): People {
  const { world, chance, truth } = options;
  const acknowledged: { run: string; id: string }[] = [];
  const started = new Set<string>();
  const told: { run: string; outcome: string; output: Json | undefined }[] = [];
  const begun: Job[] = [];
  /** Signals that were sent, by message. */
  const sent = new Map<string, () => void>();
  /** Steps that waited for one, and after how many restores. */
  const askedIn = new Map<string, number>();
  let restores = 0;
  let saying = 0;

  /** Says it until a site acknowledges it. */
  function say(word: (site: Site) => Promise<unknown>, done: () => void, over: Over = () => true): void {
    let heard = false;
    saying++;
    const end = (): void => {
      if (heard) return;
      heard = true;
      saying--;
      done();
    };
    const giveUp = (): void => {
      if (heard) return;
      heard = true;
      saying--;
    };
    const before = restores;
    const attempt = (): void => {
      if (heard) return;
      if (over.isOfNow === true && before !== restores) return giveUp();
      const site = options.site();
      if (site !== undefined) {
        word(site).then(end, (thrown: Fault) => {
          // Nothing is there to be told any more, or it waits no longer.
          if (thrown.code === 'not-found' || (thrown.code === 'conflict' && over())) giveUp();
        });
      }
      world.after(AGAIN_MS + chance.int(200), attempt);
    };
    attempt();
  }

  /** For these their edit says what a person does. */
  const isEdited = (run: string): boolean => begun.some((job) => job.run === run && job.edit !== undefined);

  async function follow(handle: RunHandle): Promise<void> {
    try {
      const before = restores;
      const { run, outcome, output } = await handle.result();
      if (before === restores) told.push({ run, outcome, output });
    } catch {
      // The site has stopped: nobody was told anything.
    }
  }

  /** Set aside, for worker after worker died with it: it may go on. */
  function letGo(run: string, question: string): void {
    const aside = (): boolean => options.viewOf(run)?.state.quarantine !== undefined;
    const id = `${run}|aside|${question}`;
    if (aside())
      say(
        (site) => site.approve(run, WHOLE_RUN, { id, by: PAT }),
        () => acknowledged.push({ run, id }),
        () => !aside(),
      );
  }

  function gate(run: string, asked: string, question: string): void {
    if (asked === WHOLE_RUN) return letGo(run, question);
    const view = options.viewOf(run);
    // It may have another name since it asked.
    const step = view === undefined ? asked : presentId(view.state, asked);
    const state = view?.state.steps.get(step);
    if (view === undefined || state === undefined || view.state.phase === 'ended') return;
    const attempt = state.attempts?.find((a) => a.status === 'unknown')?.n ?? null;
    const unknown = attempt !== null;
    if (!unknown && isEdited(run)) return;
    if (!unknown && state.at !== 'gated' && !(state.kind === 'gate' && state.settledSeq === 0)) return;
    const id = `${run}|${asked}|${question}`;
    let choice: 'approve' | 'edit' | 'deny';
    let value: unknown;
    if (unknown) {
      const { spec, input } = state;
      const key = effectKey(view.state, state);
      const says = sinkSays(truth, { run, step, skill: spec.skill ?? '', input, key }, world.nowMs());
      choice = says.happened === true ? 'approve' : 'deny';
      value = says.output;
    } else {
      // What a person thinks of a step hangs on the step alone.
      const mood = Number.parseInt(hashText(step).slice(0, 4).replace(/\W/g, '0'), 36) % 7;
      choice = mood === 0 ? 'deny' : mood === 1 && state.kind === 'gate' ? 'edit' : 'approve';
      if (choice === 'edit') value = 'edited';
    }
    const word = (site: Site): Promise<unknown> => {
      const how = { id, by: PAT, attempt };
      if (choice === 'deny') return site.deny(run, step, how);
      return choice === 'edit' ? site.edit(run, step, value, how) : site.approve(run, step, { ...how, value });
    };
    // Who looked at a journal that a backup has taken the place of looks again: what was so then may not be now.
    const over: Over = Object.assign(() => !isAsked(options.viewOf(run), step), { isOfNow: true as const });
    say(word, () => acknowledged.push({ run, id }), over);
    if (chance.yes(0.15)) say(word, () => {}, over);
  }

  function intrude(run: string, step: string): void {
    say(
      (site) => site.approve(run, step, { id: `${run}|${step}|eve`, by: EVE, value: 'forged' }),
      () => {},
    );
  }

  function asks(run: string, step: string, question: string, mayIntrude: boolean): void {
    if (mayIntrude && chance.yes(0.3)) world.after(chance.int(200), () => intrude(run, step));
    world.after(chance.int(chance.yes(0.2) ? 3_000 : 200), () => gate(run, step, question));
  }

  /** One message for every step that waits for one. */
  function signal(run: string, step: string, name: string, again = ''): void {
    if (isEdited(run)) return;
    const id = `${run}|${step}|${name}${again}`;
    const word = (site: Site): Promise<unknown> => site.signal(run, name, { of: name }, { id, by: PAT });
    if (chance.yes(0.2))
      say(
        (site) => site.signal(run, name, 'forged', { id: `${id}|eve`, by: EVE }),
        () => {},
      );
    const send = (): void => say(word, () => acknowledged.push({ run, id }));
    world.after(chance.int(200), () => {
      sent.set(id, send);
      send();
    });
    if (chance.yes(0.2)) world.after(chance.int(1_500), () => say(word, () => {}));
  }

  /** A plan that has a step again waits for another word; after a restore it is the same one. */
  function askedAnew(run: string, step: string, head: number): string {
    const key = `${run}|${step}`;
    const isAnew = askedIn.get(key) === restores;
    askedIn.set(key, restores);
    return isAnew ? `|${head}` : '';
  }

  function isAsked(view: RunView | undefined, id: string): boolean {
    const step = view?.state.steps.get(presentId(view.state, id));
    if (step === undefined || view?.state.phase === 'ended') return false;
    if (step.attempts?.some((a) => a.status === 'unknown') === true) return true;
    return step.settledSeq === 0 && (step.at === 'gated' || step.kind === 'gate');
  }

  /** Whoever had started a run that may be gone since says so. */
  function start(job: Job, again: boolean): void {
    const before = restores;
    say(
      async (site) => {
        const handle = await options.start(site, job, again || before < restores);
        if (chance.yes(0.3)) void follow(handle);
      },
      () => started.add(job.run),
      () => false,
    );
  }

  return {
    restored(isThere) {
      acknowledged.length = 0;
      told.length = 0;
      restores++;
      for (const job of begun) if (started.has(job.run) && !isThere(job.run)) start(job, true);
      // Who had sent a word since the backup sends it again; what was heard before it is heard once.
      for (const say of sent.values()) say();
    },
    acknowledged,
    started,
    told,
    get busy() {
      return saying > 0;
    },
    begin(job) {
      begun.push(job);
      world.after(job.atMs, () => start(job, false));
      if (job.edit !== undefined) attend({ ...options, chance: chance.split(`edit ${job.run}`) }, job);
      // Some words come before anybody waits for them.
      for (const name of new Set(job.signals))
        if (chance.yes(0.3)) world.after(job.atMs + chance.int(400), () => signal(job.run, 'early', name));
      if (isAskedOtherwise(job)) redoDrifted({ ...options, chance: chance.split(`drift ${job.run}`) }, job);
      for (const other of [job.replan, job.replan?.another])
        if (other !== undefined)
          world.after(job.atMs + other.atMs, () =>
            say(
              (site) => site.replan(job.run, planWorkflow(other.plan), PAT),
              () => {},
            ),
          );
      if (job.cancelAtMs !== undefined)
        world.after(job.atMs + job.cancelAtMs, () =>
          say(
            (site) => site.cancel(job.run, 'enough', PAT),
            () => {},
          ),
        );
    },
    heard(view, event) {
      const { run, state } = view;
      switch (event.type) {
        case 'gate.opened':
          return asks(run, event.step, String(state.head), true);
        case 'fault.escalated':
          if (event.to === 'person') asks(run, event.step, String(state.head), false);
          return;
        case 'step.asked':
          if (event.kind === 'gate') asks(run, event.step, String(state.head), true);
          if (event.kind === 'signal')
            signal(run, event.step, event.spec?.signal ?? '', askedAnew(run, event.step, state.head));
          return;
        default:
      }
    },
    lookAround() {
      for (const view of options.views()) {
        if (view.state.quarantine !== undefined) asks(view.run, WHOLE_RUN, `cut${view.state.head}`, false);
        for (const step of view.state.steps.values()) {
          if (step.at === 'gated' || step.at === 'person' || (step.kind === 'gate' && step.settledSeq === 0))
            asks(view.run, step.id, `cut${view.state.head}`, false);
          if (step.kind === 'signal' && step.settledSeq === 0) signal(view.run, step.id, step.spec.signal ?? '');
        }
      }
    },
  };
}
