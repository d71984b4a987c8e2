/**
 * Sending a message: it begins a run, or answers what a run waits for.
 *
 * S1  A message of a known caller begins one run, however often it is sent: the run's id is made of the caller, the
 *     agent, the context and the messageId. A caller without a name has no messageIds of its own (another could
 *     send the same one, and would be shown this one's task), so each of its messages is a new one.
 * S2  An answer is a letter whose id is the messageId: said twice, it is heard once.
 */
import type { Message, SendMessageRequest } from '@a2a-js/sdk';
import { type Chance, type Clock, Fault, type FaultData, freshId, hashText, type Json } from '../../base/index.ts';
import { hasRight, isHeard, type Principal } from '../../model/index.ts';
import { openGates, type OpenGate } from '../../site/gates.ts';
import type { Site } from '../../site/site.ts';
import type { Agents, Published } from './agents.ts';
import { contentOf } from './content.ts';
import type { A2aLibrary } from './library.ts';
import type { Stand } from './stand.ts';
import { TASK_PREFIX, type Tasks } from './tasks.ts';
import { createTaskView, type TaskView } from './view.ts';

export const START_TASKS = 'run:start';
const MAX_ID_CHARS = 256;
const TASK_ID_CHARS = 26;

export interface SendOptions {
  site: Site;
  library: A2aLibrary;
  agents: Agents;
  tasks: Tasks;
  stand: Stand;
  clock: Clock;
  chance: Chance;
  /** Callers without a name. */
  isNameless(by: Principal): boolean;
}

export interface Sent {
  view: TaskView;
  /** The message answers, as this letter, what a task waited for: it asked with this message. */
  letter?: string;
  asked?: string;
  /** How this letter was refused before. */
  refused?: FaultData;
}

export function createSending(options: SendOptions) {
  const { site, library, agents, tasks, stand, clock, chance, isNameless } = options;
  const { types, errors } = library;

  async function send(
    request: SendMessageRequest,
    by: Principal,
    tenant: string,
    traceparent: string | undefined,
  ): Promise<Sent> {
    const { message } = request;
    if (message === undefined) throw new Fault('input.invalid', 'a message is missing');
    for (const id of [message.messageId, message.contextId, message.taskId])
      if (id.length > MAX_ID_CHARS) throw new Fault('input.invalid', `an id has at most ${MAX_ID_CHARS} characters`);
    if (message.messageId === '') throw new Fault('input.invalid', 'the message has no messageId');
    if (message.parts.length === 0) throw new Fault('input.invalid', 'the message has no parts');
    if (message.role !== types.Role.ROLE_USER)
      throw new Fault('input.invalid', 'a message sent has the role ROLE_USER');
    return message.taskId === '' ? begin(request, message, by, tenant, traceparent) : answer(message, by, tenant);
  }

  async function begin(
    request: SendMessageRequest,
    message: Message,
    by: Principal,
    tenant: string,
    traceparent: string | undefined,
  ): Promise<Sent> {
    const agent = agents.choose(tenant, message.metadata?.['skill'] ?? request.metadata?.['skill']);
    if (!hasRight(by, START_TASKS) && !hasRight(by, `${START_TASKS}:${agent.workflow}`))
      throw new Fault('rights.missing', `'${by.id}' lacks the right '${START_TASKS}:${agent.workflow}'`);
    checkModes(agent, message);
    const id = idFor(agent, message, by);
    const contextId = message.contextId || `ctx-${id}`;
    await site.start(agent.workflow, valueOf(agent, message), {
      id,
      by,
      traceparent,
      door: { kind: 'a2a', context: contextId, message: message.messageId },
    });
    return { view: createTaskView(library, { id, contextId }) };
  }

  function idFor(agent: Published, message: Message, by: Principal): string {
    if (isNameless(by)) return freshId(TASK_PREFIX, clock.nowMs(), chance);
    return named([agent.workflow, message.contextId, message.messageId], by);
  }

  function named(ids: string[], by: Principal): string {
    return `${TASK_PREFIX}-${hashText(JSON.stringify([by.id, ...ids])).slice(0, TASK_ID_CHARS)}`;
  }

  function valueOf(agent: Published, message: Message): Json {
    return agent.takes === 'message' ? (types.Message.toJSON(message) as Json) : contentOf(types, message);
  }

  function checkModes(agent: Published, message: Message): void {
    for (const { mediaType } of message.parts) {
      const plain = mediaType.split(';', 1)[0]!.trim().toLowerCase();
      if (plain === '' || agent.inputModes.some((mode) => mode === '*/*' || mode === plain)) continue;
      throw new errors.ContentTypeNotSupportedError(
        `'${agent.workflow}' takes ${agent.inputModes.join(', ')}, not ${mediaType}`,
      );
    }
  }

  async function answer(message: Message, by: Principal, tenant: string): Promise<Sent> {
    const { view, workflow } = await tasks.find(message.taskId, by, tenant);
    const { id } = view.ids;
    if (message.contextId !== '' && message.contextId !== view.ids.contextId)
      throw new Fault('input.invalid', `task ${id} belongs to another context than '${message.contextId}'`);
    if (stand.isOver(view.status.state))
      throw new errors.UnsupportedOperationError(`task ${id} is over: send a message without a taskId`);
    const agent = agents.choose(workflow, undefined);
    checkModes(agent, message);
    const letter = isNameless(by) ? freshId('a2a', clock.nowMs(), chance) : named([message.messageId], by);
    const asked = view.status.message?.messageId;
    if (isHeard(view.state, letter)) return { view };
    // It may have been refused before: the same message may be sent again.
    const refused = view.refused.get(letter);
    const gate = openGates(view.state).find((one) => isMeant(one, message));
    const value = valueOf(agent, message);
    if (gate !== undefined) await answerGate(id, gate, value, contentOf(types, message), letter, by);
    else await answerSignal(view, message, value, letter, by);
    return { view, letter, asked, refused };
  }

  async function answerGate(run: string, gate: OpenGate, value: Json, content: Json, id: string, by: Principal) {
    const said =
      choiceIn(content) ??
      (takesValue(gate) ? { choice: 'edit' as const, value: gate.asks === 'input' ? content : value } : undefined);
    if (said === undefined)
      throw new Fault('input.invalid', `'${gate.step}' waits for a word: answer 'approve' or 'deny'`);
    const word = { id, isNew: isNameless(by), by, reason: said.reason };
    if (said.choice === 'edit') await site.edit(run, gate.step, said.value, word);
    else await site[said.choice](run, gate.step, word);
  }

  async function answerSignal(view: TaskView, message: Message, value: Json, id: string, by: Principal): Promise<void> {
    const named = message.metadata?.['signal'];
    const waiting = [...view.state.open]
      .map((open) => view.state.steps.get(open)!)
      .find((step) => step.kind === 'signal' && (named === undefined || step.spec.signal === named));
    if (waiting === undefined)
      throw new errors.UnsupportedOperationError(`task ${view.ids.id} is at work and waits for no message`);
    await site.signal(view.ids.id, waiting.spec.signal!, value, { id, isNew: isNameless(by), by });
  }

  return send;
}

/** A gate may be passed with a value, and an agent's question is answered by one. */
function takesValue({ asks }: OpenGate): boolean {
  return asks === 'gate' || asks === 'input';
}

function isMeant(gate: OpenGate, message: Message): boolean {
  const step = message.metadata?.['step'];
  return step === undefined || step === gate.step;
}

type Choice = { choice: 'approve' | 'deny' | 'edit'; reason?: string; value?: Json };

/** `approve`, `deny`, or data with a `choice`. */
function choiceIn(content: Json): Choice | undefined {
  const word = typeof content === 'string' ? content.trim().toLowerCase() : undefined;
  if (word === 'approve' || word === 'deny') return { choice: word };
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return undefined;
  const { choice, reason, value } = content;
  if (choice !== 'approve' && choice !== 'deny' && choice !== 'edit') return undefined;
  return { choice, ...(typeof reason === 'string' ? { reason } : {}), ...(value === undefined ? {} : { value }) };
}
