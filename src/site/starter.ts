/** Runs that a run's decisions start: children, the next of a continue-as-new, forks that take its place. */
import { type Clock, Fault, faultToData, hashText, toFault } from '../base/index.ts';
import type { AnyWorkflow } from '../author/index.ts';
import { type CommandOf, erasedFault, type Input, isGone } from '../model/index.ts';
import type { Store } from '../ports/store/index.ts';
import { admission, type Admission, findFlow, planHash } from './admission.ts';
import { forkAdmission, forkFlow, stateAt } from './fork.ts';
import type { Host } from './host.ts';
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
    const flow = findFlow(workflows, command.workflow, command.version);
    const version = command.version ?? flow?.version ?? '1';
    try {
      if (command.again === true && (await store.info(command.run)) !== null)
        throw new Fault('conflict', `there is a run ${command.run} already`);
      if (isGone(host.state, command.data)) throw erasedFault(`what run ${command.run} begins with`);
      const made = admission(
        {
          in: 'admit',
          run: command.run,
          workflow: command.workflow,
          version,
          by: command.by,
          seed: hashText(`${host.state.seed}/${command.run}`).slice(0, 16),
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
          data: command.data,
        },
        flow,
        clock.nowMs(),
      );
      // A parent that was restored may have begun it before, and does not know.
      await admit({ ...made, restoredMs: host.state.restoredMs });
    } catch (thrown) {
      const fault = toFault(thrown, 'internal');
      const { run, parent, continues } = command;
      if (fault.code === 'payload.erased' && continues === undefined && parent !== undefined)
        postTo(host, { in: 'child', step: parent.step, run, outcome: 'failed', fault: faultToData(fault) });
      else if (fault.code !== 'conflict') {
        onTrouble(command.run, fault);
        if (fault.retry === 'same')
          clock.after(AGAIN_MS, () => {
            if (!host.gone) void startRun(host, { ...command, again: true });
          });
        return;
      }
    }
    host.aside--;
    if (command.continues !== undefined) postTo(host, { in: 'begun', run: command.run });
  }

  /** A child that was cancelled before it was there will never tell its end. */
  async function findChild(host: Host, { step, run }: CommandOf<'findChild'>): Promise<void> {
    try {
      if ((await store.info(run)) === null) postTo(host, { in: 'child', step, run, outcome: 'cancelled' });
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
      if ((await store.info(run)) === null) await admit({ ...fork, restoredMs: host.state.restoredMs });
      host.aside--;
      postTo(host, { in: 'begun', run });
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
