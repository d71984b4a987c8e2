/**
 * An A2A agent as an agent of ours. A step is a message, whose id is made of the step's key; what it begins is a task there.
 *
 * A1  The context of a message is named like its id: so a task can be found again, by us or by a later owner of the
 *     run, though its id was never heard. A call that may have been made before looks for its task before it sends.
 * A2  A task that still works is followed, by its stream or by asking, until it is over or the call is.
 * A3  A task that waits for somebody (input, authentication) ends the call with its question (asking.ts): the step
 *     waits for a person, the task waits on, and the call made again takes the answer to it. Where no answer comes any
 *     more (denied, cancelled, too late), the task is cancelled.
 * A4  An agent that pushes is told where; a push only says that it is time to look.
 */
import type { AgentCard, Message, SendMessageRequest, Task } from '@a2a-js/sdk';
import { Fault, hashText, toFault } from '../../../base/index.ts';
import { hideSecrets, hideThrown } from '../hiding.ts';
import type {
  Agent,
  AgentCall,
  AgentReply,
  AgentSkill,
  Happened,
  LeftQuestion,
  PushAbout,
  PushWatch,
} from '../port.ts';
import { createUsedTokens } from '../secrets.ts';
import { type Answered, answerMessage, answersOf, asks, isSent, questionKeyOf } from './asking.ts';
import { connect, type Connection } from './connection.ts';
import { messageOf, outputOf, partsOf, valueOf } from './content.ts';
import { faultOfCall } from './faults.ts';
import { loadLibrary } from './library.ts';
import { ASIDE_MS, type A2aAgentOptions } from './options.ts';
import { checkTask, faultOfTask, followTask, isOver, readTask } from './task.ts';

type Asked = Pick<AgentCall, 'run' | 'key' | 'skill' | 'input'>;
const NAME_CHARS = 32;
/** An agent that was lost may be back after this. */
const LOST_MS = 500;

/** Some agents say back what they were given: what it is let in by is in nothing that it says. */
export async function createA2aAgent(options: A2aAgentOptions): Promise<Agent> {
  const { token, secrets } = options;
  if (token === undefined) return secrets === undefined ? open(options) : hideSecrets(await open(options), secrets);
  const used = createUsedTokens();
  const hidden = (): string[] => [...used.all(), ...(secrets?.() ?? [])];
  const using = (): string => {
    const given = token();
    used.add(given);
    return given;
  };
  return hideSecrets(await hideThrown(hidden, async () => open({ ...options, token: using })), hidden);
}

async function open(options: A2aAgentOptions): Promise<Agent> {
  const { name, listsAll = false, pushes } = options;
  const words = new Map(options.skills?.map((word) => [word.name, word]));
  const library = await loadLibrary();
  const { types } = library;
  let connection = await connectIfThere(options);
  let connecting: Promise<Connection> | undefined;
  const skills = skillsOf(connection?.card, options);
  const closing = new AbortController();
  let mayPush = true;

  /** One connection, made when it is needed; who was not there is tried again at the next call. */
  async function reach(): Promise<Connection> {
    if (connection !== undefined) return connection;
    connecting ??= connect(options).finally(() => (connecting = undefined));
    return (connection = await connecting);
  }

  /** The same for every try at a step; a context of its own, so that a list finds its task. */
  const nameOf = ({ key, skill, input }: Omit<Asked, 'run'>): string =>
    `skein-${hashText(JSON.stringify([key, skill, input ?? null])).slice(0, NAME_CHARS)}`;

  const aboutOf = (call: Asked): PushAbout => ({ run: call.run, task: nameOf(call) });

  async function find(call: Asked, signal: AbortSignal): Promise<Task | undefined> {
    const { client } = await reach();
    const { tasks } = await client.listTasks(
      {
        tenant: '',
        contextId: nameOf(call),
        status: types.TaskState.TASK_STATE_UNSPECIFIED,
        pageSize: 2,
        pageToken: '',
        historyLength: 1,
        statusTimestampAfter: undefined,
        includeArtifacts: true,
      },
      { signal },
    );
    // An agent that lists whatever it has would hand us another's task.
    return tasks.find((task) => task.contextId === nameOf(call));
  }

  async function send(
    call: Asked,
    signal: AbortSignal,
    { message = wordOf(call), traceparent }: { message?: Message; traceparent?: string } = {},
  ): Promise<Task | Message> {
    const { client, card } = await reach();
    const serviceParameters = traceparent === undefined ? undefined : { traceparent };
    const say = (configuration: SendMessageRequest['configuration']) =>
      client.sendMessage(
        { tenant: '', message, configuration, metadata: { skill: call.skill } },
        { signal, serviceParameters },
      );
    const push = configurationOf(call, card);
    if (push === undefined) return say(undefined);
    try {
      return await say(push);
    } catch (thrown) {
      // Its own judgement of our address: then it is asked, as agents that do not push are.
      if (faultOfCall(name, thrown, library).code !== 'agent.refused') throw thrown;
      mayPush = false;
      return say(undefined);
    }
  }

  function wordOf(call: Asked): Message {
    const ids = { messageId: nameOf(call), contextId: nameOf(call) };
    return messageOf(types, ids, partsOf(types, call.input), { skill: call.skill, key: call.key });
  }

  /** Who pushes need not keep us waiting for its answer. */
  function configurationOf(call: Asked, card: AgentCard): SendMessageRequest['configuration'] {
    const push = pushFor(call, card);
    if (push === undefined) return undefined;
    return { acceptedOutputModes: [], taskPushNotificationConfig: push, returnImmediately: true };
  }

  function pushFor(call: Asked, card: AgentCard) {
    const isAble = mayPush && card.capabilities?.pushNotifications === true;
    const address = isAble ? pushes?.address(aboutOf(call)) : undefined;
    return address && { tenant: '', id: 'skein', taskId: '', authentication: undefined, ...address };
  }

  /** A task that was begun before this process, or without us, is asked to tell here. */
  async function tellHere(call: Asked, task: Task, signal: AbortSignal): Promise<void> {
    const { client, card } = await reach();
    const push = pushFor(call, card);
    if (push === undefined) return;
    await client.createTaskPushNotificationConfig({ ...push, taskId: task.id }, { signal }).catch(() => {
      mayPush = false;
    });
  }

  /** What is known of an earlier call by this key; undefined where the agent cannot say. */
  async function earlier(call: AgentCall): Promise<Task | undefined> {
    if (call.again !== true && call.attempt === 1) return undefined;
    try {
      return await find(call, AbortSignal.any([call.signal, AbortSignal.timeout(ASIDE_MS)]));
    } catch (thrown) {
      if (thrown instanceof library.errors.UnsupportedOperationError) return undefined;
      const fault = faultOfCall(name, thrown, library);
      // It cannot list; a keyed or pure call may be sent again, and others do not come here.
      if (fault.code === 'agent.refused') return undefined;
      throw fault;
    }
  }

  async function work(call: AgentCall): Promise<AgentReply> {
    const signal = AbortSignal.any([call.signal, closing.signal]);
    const answers = answersOf(name, call);
    const push = pushes?.watch(aboutOf(call));
    let last: Task | undefined;
    try {
      const said = answers.at(-1);
      const had = said === undefined ? await earlier(call) : await readTask(await reach(), said.task, signal);
      if (had !== undefined) await tellHere(call, had, signal);
      const got = had === undefined ? await send(call, signal, call) : await answer(call, had, answers, signal);
      if (!('status' in got)) return { output: valueOf(types, got.parts) };
      last = got;
      const answered = new Set(answers.map((one) => one.key));
      const { say, beat } = call;
      last = await followTask(await reach(), got, { name, signal, say, beat, answered, push: pushed(push) });
      const fault = faultOfTask(name, library, last);
      if (fault !== undefined) throw fault;
      return { output: outputOf(types, last) };
    } catch (thrown) {
      if (call.signal.aborted) {
        const why = toFault(call.signal.reason, 'step.cancelled');
        // The run goes on elsewhere or later, and finds its task.
        if (why.code !== 'site.stopped') void giveUp(call, last);
        throw why;
      }
      const fault = faultOfCall(name, thrown, library);
      if (fault.code !== 'agent.lost' || !isRepeatable(call)) throw fault;
      // Sent again it does no harm, and finds its task if that is still there (A1).
      throw new Fault('agent.lost', fault.message, { retry: 'same', afterMs: LOST_MS, cause: thrown });
    } finally {
      push?.close();
    }
  }

  /** What a person said is taken to the task that asked for it, once. */
  async function answer(
    call: AgentCall,
    task: Task,
    answers: readonly Answered[],
    signal: AbortSignal,
  ): Promise<Task | Message> {
    if (asks(library, task) === undefined) return task;
    const key = questionKeyOf(name, library, task);
    const said = answers.find((one) => one.key === key);
    if (said === undefined || isSent(call, said, task)) return task;
    const message = answerMessage(types, call, said);
    const got = await send(call, signal, { message, traceparent: call.traceparent });
    return 'status' in got ? checkTask(got, task.id, name) : got;
  }

  /** Only who said that it pushes is left alone for long. */
  function pushed(watch: PushWatch | undefined): PushWatch | undefined {
    const isAble = mayPush && connection?.card.capabilities?.pushNotifications === true;
    return isAble && pushes?.address({ run: '', task: '' }) !== undefined ? watch : undefined;
  }

  function isRepeatable({ skill, effect }: AgentCall): boolean {
    return effect === 'pure' || words.get(skill)?.keyed === true;
  }

  /** Nobody waits for it any more: it is told so, if it is there. */
  async function giveUp(call: Asked, last: Task | undefined): Promise<void> {
    const signal = AbortSignal.timeout(ASIDE_MS);
    try {
      const task = last ?? (await find(call, signal));
      if (task === undefined || isOver(library, task)) return;
      await (await reach()).client.cancelTask({ tenant: '', id: task.id, metadata: undefined }, { signal });
    } catch {
      // It was asked; what it makes of it is its own.
    }
  }

  /** A task that asked, and hears no answer: it is cancelled. */
  async function leave({ question, denied }: LeftQuestion): Promise<void> {
    const [left] = answersOf(name, { answers: { [question]: null } });
    if (left === undefined) return;
    const signal = AbortSignal.timeout(ASIDE_MS);
    const metadata = { reason: denied ? 'a person would not answer' : 'nobody waits for it any more' };
    try {
      await (await reach()).client.cancelTask({ tenant: '', id: left.task, metadata }, { signal });
    } catch (thrown) {
      // It is over, or unknown there: then nothing waits.
      if (thrown instanceof library.errors.TaskNotCancelableError) return;
      const fault = faultOfCall(name, thrown, library);
      if (fault.code !== 'agent.refused') throw fault;
    }
  }

  async function reconcile(call: Asked): Promise<Happened> {
    const signal = AbortSignal.timeout(ASIDE_MS);
    try {
      const found = await find(call, signal);
      if (found === undefined) return { happened: listsAll ? false : undefined };
      const task = await followTask(await reach(), found, { name, signal });
      // It goes on only by our answer: the call, made again, finds it and asks a person.
      if (asks(library, task) !== undefined) return { happened: false };
      if (!isOver(library, task)) return { happened: undefined };
      const fault = faultOfTask(name, library, task);
      if (fault === undefined) return { happened: true, output: outputOf(types, task) };
      return { happened: fault.code === 'agent.refused' ? false : undefined };
    } catch (thrown) {
      // Unreachable now: asked again later, by throwing.
      const fault = faultOfCall(name, thrown, library);
      if (fault.code === 'agent.refused') return { happened: undefined };
      throw fault;
    }
  }

  const agent: Agent = {
    name,
    kind: 'a2a',
    description: options.description ?? connection?.card.description,
    version: connection?.card.version,
    limits: options.limits,
    skills,
    call: work,
    reconcile,
    leave,
    close() {
      closing.abort(new Fault('site.stopped', `agent '${name}' was closed`));
      connection?.close();
    },
  };
  const undos = new Map(
    [...words.values()].flatMap((word) => (word.undo === undefined ? [] : [[word.name, word.undo]])),
  );
  if (undos.size > 0)
    agent.undo = async ({ run, skill, key, input, output }) => {
      const by = undos.get(skill);
      if (by === undefined) throw new Fault('agent.refused', `no skill of '${name}' is named that undoes '${skill}'`);
      const done = { undo: skill, key: key.replace(/^undo:/, ''), input: input ?? null, output: output ?? null };
      const signal = AbortSignal.timeout(ASIDE_MS);
      try {
        const got = await send({ run, key, skill: by, input: done }, signal);
        if (!('status' in got)) return;
        const fault = faultOfTask(name, library, await followTask(await reach(), got, { name, signal }));
        if (fault !== undefined) throw fault;
      } catch (thrown) {
        throw faultOfCall(name, thrown, library);
      }
    };
  return agent;
}

/** Who cannot be reached now may be there when it is called: what it can do is then what was declared. */
async function connectIfThere(options: A2aAgentOptions): Promise<Connection | undefined> {
  try {
    return await connect(options);
  } catch (thrown) {
    const code = thrown instanceof Fault ? thrown.code : undefined;
    const isAway = code === 'agent.lost' || code === 'agent.busy' || code === 'step.timeout';
    if (isAway && (options.skills ?? []).length > 0) return undefined;
    throw thrown;
  }
}

function skillsOf(card: AgentCard | undefined, { skills = [] }: A2aAgentOptions): AgentSkill[] {
  const words = new Map(skills.map((word) => [word.name, word]));
  const named = (card?.skills ?? []).map(({ id, description }) => ({ name: id, description }));
  const listed = new Set(named.map((one) => one.name));
  // The configuration may know of skills that a card does not show to everybody.
  const all = [...named, ...skills.filter((word) => !listed.has(word.name))];
  return all.map(({ name, description }) => {
    const { effect, keyed, price, beatMs, description: own } = words.get(name) ?? {};
    const skill: AgentSkill = { name, description: own ?? description, effect: effect ?? 'irreversible' };
    if (effect === undefined) skill.undeclared = true;
    if (keyed === true) skill.keyed = true;
    if (price !== undefined) skill.price = price;
    if (beatMs !== undefined) skill.beatMs = beatMs;
    return skill;
  });
}
