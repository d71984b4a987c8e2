/** Runs that a run's decisions start: children, the next of a continue-as-new, forks that take its place. */
import { type Clock, Fault, faultToData, toFault } from '../base/index.ts';
import { type AnyWorkflow, checkInput } from '../author/index.ts';
import { type CommandOf, erasedFault, type Input, isGone } from '../model/index.ts';
import type { Store } from '../ports/store/index.ts';
import { admission, type Admission, findFlow, planHash } from './admission.ts';
import { forkAdmission, forkFlow, stateAt } from './fork.ts';
import type { Host } from './host.ts';
import { isOurs, seedOf } from './kin.ts';
import type { TraceContexts } from './telemetry/context.ts';

/** What the store could not do just now is tried again after this long. */
export const AGAIN_MS = 200;

export interface StarterOptions {
  store: Store;
  clock: Clock;
  workflows: ReadonlyMap<string, AnyWorkflow>;
  engine: string;
  traces: TraceContexts;
  admit(admission: Admission): Promise<void>;
  post(host: Host, input: Input): void;
  onTrouble(run: string | undefined, fault: Fault | undefined): void;
}

export interface Starter {
  startRun(host: Host, command: CommandOf<'startRun'>): Promise<void>;
  findChild(host: Host, command: CommandOf<'findChild'>): Promise<void>;
  startFork(host: Host, command: CommandOf<'fork'>): Promise<void>;
}

export function createStarter(options: StarterOptions): Starter {
  const { store, clock, workflows, engine, admit, post: postTo, onTrouble } = options;

  async function startRun(host: Host, command: CommandOf<'startRun'>): Promise<void> {
    const { run, parent, continues } = command;
    let fault: Fault | undefined;
    try {
      fault = await begin(host, command);
    } catch (thrown) {
      const trouble = toFault(thrown, 'internal');
      onTrouble(run, trouble);
      if (trouble.retry === 'same')
        clock.after(AGAIN_MS, () => {
          if (!host.gone) void startRun(host, { ...command, again: true });
        });
      return;
    }
    host.aside--;
    if (continues !== undefined) begun(host, run, fault);
    else if (fault !== undefined)
      postTo(host, { in: 'child', step: parent!.step, run, outcome: 'failed', fault: faultToData(fault) });
  }

  /** Undefined: the run is there, begun now or before. A fault: it can never be begun. */
  async function begin(host: Host, command: CommandOf<'startRun'>): Promise<Fault | undefined> {
    const { run } = command;
    if (command.again === true && (await store.info(run)) !== null) return takenBy(host, run);
    const flow = findFlow(workflows, command.workflow, command.version);
    const version = command.version ?? flow?.version ?? '1';
    let { data } = command;
    if (isGone(host.state, data)) return erasedFault(`what run ${run} begins with`);
    try {
      // What carries a run on was checked when its code gave it.
      if (flow !== undefined && command.continues === undefined) data = checkInput(flow, data);
    } catch (thrown) {
      return toFault(thrown, 'input.invalid');
    }
    const made = admission(
      {
        in: 'admit',
        run,
        workflow: command.workflow,
        version,
        by: command.by,
        seed: seedOf(host.state, run),
        engine: engine,
        goal: command.goal,
        plan: flow?.plan === undefined ? undefined : { hash: planHash(flow), plan: flow.plan },
        budget: command.budget,
        deadlineMs: command.deadlineMs,
        parent: command.parent,
        blockEffects: command.blockEffects,
        drift: command.drift,
        agents: command.agents,
        continues: command.continues,
        traceparent: options.traces.ofChild(host.state, command),
        labels: command.labels,
        data,
      },
      flow,
      clock.nowMs(),
    );
    // A parent that was restored may have begun it before, and does not know.
    return admitOurs(host, { ...made, restoredMs: host.state.restoredMs });
  }

  async function admitOurs(host: Host, made: Admission): Promise<Fault | undefined> {
    try {
      await admit(made);
    } catch (thrown) {
      const fault = toFault(thrown, 'internal');
      if (fault.code !== 'conflict') throw fault;
      return takenBy(host, made.input.run);
    }
    return undefined;
  }

  /** Ids of children and of next runs are made, and anybody may have given his own run such a one. */
  async function takenBy(host: Host, run: string): Promise<Fault | undefined> {
    if (await isOurs(store, host.state, run)) return undefined;
    return new Fault('conflict', `there is a run ${run} already, and it was not begun by ${host.run}`, {
      detail: { run, next: `Start what ${host.run} was to do under another id, or give its step another name.` },
    });
  }

  /** The run that carries this one on is there, or never will be. */
  function begun(host: Host, run: string, fault: Fault | undefined): void {
    if (fault !== undefined) onTrouble(host.run, fault);
    postTo(host, { in: 'begun', run, fault: fault && faultToData(fault) });
  }

  /** A child that was cancelled before it was there will never tell its end. */
  async function findChild(host: Host, { step, run }: CommandOf<'findChild'>): Promise<void> {
    try {
      const isThere = (await store.info(run)) !== null && (await isOurs(store, host.state, run));
      if (!isThere) postTo(host, { in: 'child', step, run, outcome: 'cancelled' });
    } catch (thrown) {
      onTrouble(host.run, toFault(thrown, 'store.io'));
      clock.after(AGAIN_MS, () => {
        if (!host.gone) void findChild(host, { do: 'findChild', step, run });
      });
    }
  }

  /** A fork that takes the place of its run; begun twice, it is one. */
  async function startFork(host: Host, command: CommandOf<'fork'>): Promise<void> {
    const { run, from } = command;
    const { at, step, allowEffects } = from;
    try {
      const state = await stateAt(store, host.run, { at });
      const flow = host.flow ?? forkFlow(workflows, state, undefined);
      const how = { id: run, by: state.by, flow, engine, clock, parent: state.parent, redo: [step], allowEffects };
      const fork = forkAdmission(state, how);
      const isThere = (await store.info(run)) !== null;
      const fault = isThere
        ? await takenBy(host, run)
        : await admitOurs(host, { ...fork, restoredMs: host.state.restoredMs });
      host.aside--;
      begun(host, run, fault);
    } catch (thrown) {
      const fault = toFault(thrown, 'internal');
      onTrouble(host.run, fault);
      if (fault.retry === 'same' || fault.code === 'conflict')
        clock.after(AGAIN_MS, () => {
          if (!host.gone) void startFork(host, command);
        });
    }
  }

  return { startRun, findChild, startFork };
}
