/**
 * A task, seen in a run's journal: a fold of its own over the events, beside the run's state. What one step of it
 * shows (`changed`) is what a stream says next.
 */
import type { Artifact, Message, Task, TaskStatus } from '@a2a-js/sdk';
import { type FaultData, hashText, type Json } from '../../base/index.ts';
import { type Event, fold, newRunState, type RunState } from '../../model/index.ts';
import { type OpenGate, openGates } from '../../site/gates.ts';
import type { Watched } from '../../site/watch.ts';
import { agentMessage, messageIn, partsOf, readParts, type TaskIds } from './content.ts';
import type { A2aLibrary } from './library.ts';
import { type ArtifactReply, readReply } from './reply.ts';

export type ArtifactChange = { artifact: Artifact; append: boolean; lastChunk: boolean };

export interface TaskView {
  readonly ids: TaskIds;
  readonly state: RunState;
  /** The last event folded. */
  readonly seq: number;
  readonly status: TaskStatus;
  /** It ended with a message instead of a task. */
  readonly message: Message | undefined;
  /** Letters that were not taken, and why. */
  readonly refused: ReadonlyMap<string, FaultData>;
  /** What this event changed of what is seen. */
  take(watched: Watched): { artifacts: ArtifactChange[]; status: boolean };
  task(): Task;
}

/** Events after which a status may be another one. */
const TELLING = new Set<Event['type']>([
  'run.admitted',
  'run.quarantined',
  'step.asked',
  'step.settled',
  'gate.opened',
  'gate.answered',
  'signal.received',
  'effect.unknown',
  'effect.reconciled',
  'fault.escalated',
  'attempt.begun',
  'attempt.ended',
  'run.ended',
]);

/** The right of gates that ask for credentials: whoever waits at one is told to authenticate. */
export const AUTH_RIGHT = 'auth';

/** The fault of a task that failed; the MCP door says it under the same key. */
const FAULT_META_KEY = 'dev.skein/fault';

/** What a person is asked where the gate shows nothing. */
const ASKS: Record<OpenGate['asks'], string> = {
  gate: 'asks',
  effect: 'asks whether it may happen',
  unknown: 'asks whether it happened',
  heal: 'asks how it goes on',
  input: 'asks for input',
  poison: 'took its workers down, and asks whether it may go on',
};

const QUESTION_CHARS = 12;

/** What an agent of ours asks for, as its adapter put it. */
function questionIn(show: Json | undefined): { key: string; message: string; wants?: Json } | undefined {
  if (typeof show !== 'object' || show === null || Array.isArray(show)) return undefined;
  const { key, message, wants } = show;
  return typeof key === 'string' && typeof message === 'string' ? { key, message, wants } : undefined;
}

export function createTaskView({ types }: A2aLibrary, ids: TaskIds): TaskView {
  const state = newRunState(ids.id);
  const { TaskState, Role } = types;
  const artifacts = new Map<string, Artifact>();
  const history: Message[] = [];
  const refused = new Map<string, FaultData>();
  let seq = -1;
  let message: Message | undefined;
  let status: TaskStatus = { state: TaskState.TASK_STATE_SUBMITTED, message: undefined, timestamp: undefined };

  function heard(id: string, value: Json | undefined): void {
    const whole = messageIn(types, value);
    history.push({
      ...(whole ?? agentMessage(types, id, ids, partsOf(types, value))),
      role: Role.ROLE_USER,
      taskId: ids.id,
      contextId: ids.contextId,
    });
  }

  function add(reply: Omit<ArtifactReply, 'a2a'>, fallback: string): ArtifactChange {
    const id = reply.id ?? fallback;
    const parts = readParts(types, reply.parts);
    const before = reply.append === true ? artifacts.get(id) : undefined;
    const { name = '', description = '' } = reply;
    const artifact = { artifactId: id, name, description, parts, metadata: undefined, extensions: [] };
    artifacts.set(id, before === undefined ? artifact : { ...before, parts: [...before.parts, ...parts] });
    return { artifact, append: before !== undefined, lastChunk: reply.last ?? reply.append !== true };
  }

  function finish(output: Json | undefined): ArtifactChange[] {
    const reply = readReply(output);
    if (reply?.a2a === 'message') {
      message = agentMessage(types, `${ids.id}-answer`, ids, readParts(types, reply.parts));
      return [];
    }
    if (reply?.a2a === 'task') return (reply.artifacts ?? []).map((one, i) => add(one, `output-${i + 1}`));
    if (reply?.a2a === 'artifact') return [add(reply, 'output')];
    const parts = partsOf(types, output);
    if (parts.length === 0) return [];
    return [
      add({ id: 'output', name: 'output', parts: parts.map((p) => types.Part.toJSON(p) as never), last: true }, ''),
    ];
  }

  function said(id: string, text: string): Message {
    return agentMessage(types, `${ids.id}-${id}`, ids, partsOf(types, text));
  }

  /** In words for people, and as data for a site that asks. */
  function failed({ code, retry, message, afterMs }: FaultData): Message {
    const data = afterMs === undefined ? { code, retry, message } : { code, retry, message, afterMs };
    return { ...said('end', `${code}: ${message}`), metadata: { [FAULT_META_KEY]: data } };
  }

  function waitsFor(): { state: TaskStatus['state']; message: Message } | undefined {
    const [gate] = openGates(state);
    if (gate !== undefined) {
      const question = gate.asks === 'input' ? questionIn(gate.show) : undefined;
      const auth =
        gate.right === AUTH_RIGHT || gate.right.startsWith(`${AUTH_RIGHT}:`) || question?.wants === 'authentication';
      const asks = ASKS[gate.asks];
      const shown = partsOf(types, question === undefined ? gate.show : question.message);
      // An agent may ask a step more than once: each question is a message of its own.
      const id = question === undefined ? gate.step : `${gate.step}-${hashText(question.key).slice(0, QUESTION_CHARS)}`;
      const words = shown.length > 0 ? shown : partsOf(types, `'${gate.step}' ${asks}`);
      return {
        state: auth ? TaskState.TASK_STATE_AUTH_REQUIRED : TaskState.TASK_STATE_INPUT_REQUIRED,
        message: {
          ...agentMessage(types, `${ids.id}-${id}`, ids, words),
          metadata: { [gate.asks]: gate.step },
        },
      };
    }
    for (const id of state.open) {
      const step = state.steps.get(id);
      if (step?.kind !== 'signal') continue;
      return {
        state: TaskState.TASK_STATE_INPUT_REQUIRED,
        message: {
          ...said(id, `waits to hear '${step.spec.signal}'`),
          metadata: { signal: step.spec.signal },
        },
      };
    }
    return undefined;
  }

  function seen(): Pick<TaskStatus, 'state' | 'message'> {
    if (state.phase === 'new') return { state: TaskState.TASK_STATE_SUBMITTED, message: undefined };
    if (state.phase !== 'ended' || state.outcome === 'continued')
      return waitsFor() ?? { state: TaskState.TASK_STATE_WORKING, message: undefined };
    if (state.outcome === 'completed') {
      const reply = readReply(state.output);
      const words = reply?.a2a === 'task' && reply.message !== undefined ? readParts(types, reply.message) : [];
      return {
        state: TaskState.TASK_STATE_COMPLETED,
        message: words.length > 0 ? agentMessage(types, `${ids.id}-end`, ids, words) : undefined,
      };
    }
    const { fault } = state;
    const message = fault === undefined ? undefined : failed(fault);
    if (state.outcome === 'cancelled') return { state: TaskState.TASK_STATE_CANCELED, message };
    const refused = fault?.code === 'agent.refused' || fault?.code === 'input.invalid';
    return { state: refused ? TaskState.TASK_STATE_REJECTED : TaskState.TASK_STATE_FAILED, message };
  }

  return {
    ids,
    state,
    refused,
    get seq() {
      return seq;
    },
    get status() {
      return status;
    },
    get message() {
      return message;
    },
    take(watched) {
      const { event, at } = watched;
      state.at = at;
      fold(state, event);
      seq = watched.seq;
      if (event.type === 'run.admitted') heard(`${ids.id}-task`, event.data);
      else if (event.type === 'gate.answered') heard(event.id, event.data ?? event.reason ?? event.choice);
      else if (event.type === 'letter.refused') refused.set(event.id, event.fault);
      else if (event.type === 'signal.received') heard(event.id, event.data);
      let changes: ArtifactChange[] = [];
      if (event.type === 'step.settled' || event.type === 'attempt.ended') {
        const step = state.steps.get(event.step);
        const reply = step !== undefined && step.settledSeq !== 0 ? readReply(step.output) : undefined;
        if (reply?.a2a === 'artifact') changes = [add(reply, event.step)];
      } else if (event.type === 'run.ended' && state.outcome === 'completed') changes = finish(state.output);
      if (!TELLING.has(event.type)) return { artifacts: changes, status: false };
      const now = seen();
      const same = now.state === status.state && now.message?.messageId === status.message?.messageId;
      if (!same || status.timestamp === undefined) status = { ...now, timestamp: new Date(at).toISOString() };
      return { artifacts: changes, status: !same };
    },
    task: () => ({
      id: ids.id,
      contextId: ids.contextId,
      status: status.timestamp === undefined ? { ...status, timestamp: new Date().toISOString() } : status,
      artifacts: [...artifacts.values()],
      history: [...history],
      metadata: { workflow: state.workflow },
    }),
  };
}
