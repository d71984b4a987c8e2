/**
 * Fork: a new run that begins with what another had settled at some point of its journal, and goes on by
 * itself, with other input, code or agents where wanted. The run it comes from is not touched.
 */
import { canonicalJson, type Clock, Fault, isOfStep, type Json, shellWord } from '../base/index.ts';
import { type AnyWorkflow, needsOf } from '../author/index.ts';
import { forkEvents } from '../flow/index.ts';
import { type AdmitInput, type Amounts, foldTurn, isErased, type Principal, type RunState } from '../model/index.ts';
import type { Store } from '../ports/store/index.ts';
import { type Admission, admission, planHash } from './admission.ts';
import { loadRun } from './load.ts';

export interface ForkOptions {
  /** Before this event (at the end of the turn before it). Default: before the run began to end. */
  at?: number;
  /** Before this step was asked, the last time it was. */
  beforeStep?: string;
  /** Steps to be worked again, with all inside them. */
  redo?: string[];
  input?: unknown;
  /** Other code or another plan; under the same name it needs a version of its own. */
  workflow?: AnyWorkflow;
  /** Whom to ask, by skill, whatever the steps say. */
  agents?: Record<string, string>;
  /** Let effects happen in the fork. Without it they fail with `effect.blocked`. */
  allowEffects?: boolean;
  /** What to do with kept steps whose input is another now. Default: redo what is pure, ask about effects. */
  drift?: 'ask' | 'keep' | 'redo';
  id?: string;
  by?: Principal;
  goal?: string;
  budget?: Amounts;
  deadlineMs?: number;
}

/** What a run was at the point to fork from. */
export async function stateAt(
  store: Store,
  run: string,
  point: Pick<ForkOptions, 'at' | 'beforeStep'>,
): Promise<RunState> {
  const at = point.beforeStep === undefined ? point.at : await askedAt(store, run, point.beforeStep);
  const { state } = at === undefined ? await beforeEnd(store, run) : await loadRun(store, run, { until: at });
  if (state.phase === 'new') {
    if ((await store.info(run)) === null) throw new Fault('not-found', `there is no run ${run}`);
    throw new Fault('input.invalid', `run ${run} cannot be forked before event ${at}: nothing was there yet`);
  }
  if (point.at !== undefined && point.at > state.head) await mustHave(store, run, point.at);
  return state;
}

/** An event that has not happened yet is no point to fork from. */
async function mustHave(store: Store, run: string, at: number): Promise<void> {
  const head = (await store.info(run))?.head ?? 0;
  if (at <= head) return;
  throw new Fault('input.invalid', `run ${run} has ${head} events so far: it cannot be forked before event ${at}`, {
    detail: { run, next: `See its events and their numbers: skein journal ${shellWord(run)}` },
  });
}

/** Where the step was asked last: the head before that turn. */
async function askedAt(store: Store, run: string, step: string): Promise<number> {
  let at: number | undefined;
  await loadRun(store, run, {
    snapshot: 'needed',
    take(state, turn) {
      if (turn.events.some((event) => event.type === 'step.asked' && event.step === step)) at = state.head;
      foldTurn(state, turn);
      return true;
    },
  });
  if (at === undefined) throw new Fault('not-found', `run ${run} never asked for a step '${step}'`);
  return at;
}

function beforeEnd(store: Store, run: string): Promise<{ state: RunState }> {
  return loadRun(store, run, {
    snapshot: 'needed',
    take(state, turn) {
      const ends = turn.events.some(
        (e) => e.type === 'run.cancelling' || e.type === 'run.ending' || e.type === 'run.ended',
      );
      if (!ends) foldTurn(state, turn);
      return !ends;
    },
  });
}

export interface ForkAdmission extends Omit<ForkOptions, 'input' | 'workflow' | 'at' | 'beforeStep'> {
  id: string;
  by: Principal;
  flow: AnyWorkflow;
  engine: string;
  clock: Clock;
  /** Where it differs from the run's own. */
  input?: Json;
  /** Only where the fork takes the run's place. */
  parent?: RunState['parent'];
}

export function forkAdmission(state: RunState, how: ForkAdmission): Admission {
  const { flow } = how;
  const nowMs = how.clock.nowMs();
  const data = how.input ?? state.input;
  if (isErased(data))
    throw new Fault('payload.erased', `the input of run ${state.run} was erased: give the fork its own`);
  const lastsMs = state.deadlineMs === undefined ? undefined : state.deadlineMs - state.admittedAt;
  const input: AdmitInput = {
    in: 'admit',
    run: how.id,
    workflow: flow.name,
    version: flow.version,
    by: how.by,
    // The same seed: what is drawn anew is drawn as it was.
    seed: state.seed,
    engine: how.engine,
    goal: how.goal ?? state.goal,
    plan: flow.plan === undefined ? undefined : { hash: planHash(flow), plan: flow.plan },
    budget: how.budget ?? state.budget.limit,
    deadlineMs: how.deadlineMs ?? (lastsMs === undefined ? undefined : nowMs + lastsMs),
    parent: how.parent,
    forkOf: { run: state.run, seq: state.head },
    blockEffects: how.allowEffects === true ? undefined : true,
    drift: how.drift === 'ask' ? undefined : (how.drift ?? 'redo'),
    agents: how.agents,
    labels: state.labels,
    data,
  };
  return { ...admission(input, flow, nowMs), carried: forkEvents(state, how.redo) };
}

/** Redone is what was there at the point to fork from: a slip would redo nothing, and look as if it had. */
export function mustHaveSteps(state: RunState, ids: readonly string[]): void {
  const steps = [...state.steps.keys()];
  for (const id of ids)
    if (!steps.some((step) => isOfStep(step, id)))
      throw new Fault(
        'not-found',
        `run ${state.run} has no step '${id}' there, and none inside of it: it cannot be redone`,
        {
          detail: { run: state.run, next: `See its steps: skein journal ${shellWord(state.run)}` },
        },
      );
}

/** The run of this id may have been there before: taken for this fork, it would be another one's outcome. */
export async function mustBeFork(store: Store, { run, forkOf, data }: AdmitInput): Promise<void> {
  const { state } = await loadRun(store, run, { until: 1 });
  const isSame =
    state.forkOf?.run === forkOf?.run && canonicalJson(state.input ?? null) === canonicalJson(data ?? null);
  if (isSame || isErased(state.input)) return;
  throw new Fault(
    'conflict',
    `'${run}' is another run, not this fork of run ${forkOf!.run}: fork it under another id`,
    {
      detail: { run },
    },
  );
}

/** The code that a fork runs: the one given, or the run's own. */
export function forkFlow(
  workflows: ReadonlyMap<string, AnyWorkflow>,
  state: RunState,
  given: AnyWorkflow | undefined,
): AnyWorkflow {
  const needs = needsOf(given ?? { name: state.workflow, version: state.version });
  const known = workflows.get(needs);
  if (given !== undefined && known !== undefined && known !== given)
    throw new Fault(
      'conflict',
      `another workflow is registered as '${needs}': give the edited one a version of its own`,
    );
  const flow = given ?? known;
  if (flow !== undefined) return flow;
  throw new Fault('workflow.unknown', `the workflow '${needs}' of run ${state.run} is not known here`);
}
