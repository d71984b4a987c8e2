/** What A2A asks of an agent, answered from a site: one handler behind all three bindings. */
import type { Message, StreamResponse, Task, TaskPushNotificationConfig } from '@a2a-js/sdk';
import type { A2ARequestHandler, ServerCallContext } from '@a2a-js/sdk/server';
import { type Chance, type Clock, dataToFault, Fault, freshId } from '../../base/index.ts';
import type { Principal } from '../../model/index.ts';
import type { Net } from '../../ports/net/index.ts';
import type { Site } from '../../site/site.ts';
import type { Agents } from './agents.ts';
import type { Cards } from './card.ts';
import type { ToA2aError } from './faults.ts';
import type { A2aLibrary } from './library.ts';
import type { PushBook, PushEntry } from './push-book.ts';
import type { Pushing } from './push.ts';
import type { createSending, Sent } from './send.ts';
import type { Stand } from './stand.ts';
import { payloadsOf, taskPayload } from './stream.ts';
import { type Tasks, trimHistory } from './tasks.ts';
import type { TaskView } from './view.ts';

/** A call that waits for its task is answered by then with the task as it stands; the task goes on. */
const ANSWER_MS = 60_000;
/** How long a cancel waits to see the run end. */
const CANCEL_MS = 10_000;

export interface HandlerOptions {
  site: Site;
  library: A2aLibrary;
  agents: Agents;
  cards: Cards;
  tasks: Tasks;
  stand: Stand;
  send: ReturnType<typeof createSending>;
  book: PushBook;
  pushing: Pushing;
  net: Net;
  clock: Clock;
  chance: Chance;
  toError: ToA2aError;
}

/** Under this name the bindings put the caller into the context of a call. */
export const CALLER = 'skein.caller';
/** Where it holds the caller's trace context. */
export const TRACE = 'skein.trace';

export function createHandler(options: HandlerOptions): A2ARequestHandler {
  const { site, library, agents, cards, tasks, stand, send, book, pushing, net, clock, chance, toError } = options;
  const { errors } = library;
  const callerOf = (context: ServerCallContext): Principal => context.state.get(CALLER) as Principal;
  const tenantOf = (params: { tenant?: string }, context: ServerCallContext): string =>
    params.tenant || context.tenant || '';

  /** Errors of ours become A2A's at this edge, and only here. */
  async function said<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      throw toError(thrown);
    }
  }

  async function* streamed(
    work: () => AsyncGenerator<StreamResponse>,
  ): AsyncGenerator<StreamResponse, void, undefined> {
    try {
      yield* work();
    } catch (thrown) {
      throw toError(thrown);
    }
  }

  /** It is over, or it asks (again). Who said what it would not hear is told so. */
  const isAnswered = ({ view, letter, asked, refused }: Sent): boolean => {
    const refusal = letter === undefined ? undefined : view.refused.get(letter);
    if (refusal !== undefined && refusal !== refused) throw dataToFault(refusal);
    if (stand.isOver(view.status.state)) return true;
    if (!stand.isInterrupted(view.status.state)) return false;
    return letter === undefined || (view.state.heard.has(letter) && view.status.message?.messageId !== asked);
  };

  async function wait(sent: Sent, waitMs: number): Promise<void> {
    if (isAnswered(sent)) return;
    const late = new AbortController();
    const cancel = clock.after(waitMs, () => late.abort());
    try {
      for await (const _ of tasks.follow(sent.view, { signal: late.signal })) if (isAnswered(sent)) return;
    } catch (thrown) {
      if (!late.signal.aborted) throw thrown;
    } finally {
      cancel();
    }
  }

  async function readNow(view: TaskView): Promise<void> {
    for await (const _ of tasks.follow(view, { live: false }));
  }

  async function judgeAddress(url: string): Promise<void> {
    if (url === '') throw new Fault('input.invalid', 'a push notification needs a url');
    await net.dial(url).catch((thrown: unknown) => {
      // A name that leads nowhere now may lead somewhere when there is something to tell.
      if (!(thrown instanceof Fault) || thrown.code !== 'agent.lost') throw thrown;
    });
  }

  async function addPush(
    config: TaskPushNotificationConfig,
    { ids, seq }: TaskView,
    context: ServerCallContext,
  ): Promise<TaskPushNotificationConfig> {
    await judgeAddress(config.url);
    const entry: PushEntry = {
      task: ids.id,
      id: config.id || freshId('push', clock.nowMs(), chance),
      context: ids.contextId,
      url: config.url,
      token: config.token,
      scheme: config.authentication?.scheme ?? '',
      credentials: config.authentication?.credentials ?? '',
      version: context.requestedVersion,
      by: callerOf(context).id,
      told: seq,
    };
    book.put(entry);
    pushing.tell(ids);
    return pushConfig(entry);
  }

  async function begin(
    params: Parameters<A2ARequestHandler['sendMessage']>[0],
    context: ServerCallContext,
  ): Promise<Sent> {
    const config = params.configuration?.taskPushNotificationConfig;
    // Judged before anything begins.
    if (config !== undefined) await judgeAddress(config.url);
    const sent = await send(
      params,
      callerOf(context),
      tenantOf(params, context),
      context.state.get(TRACE) as string | undefined,
    );
    if (config !== undefined) await addPush(config, sent.view, context);
    return sent;
  }

  const handler: A2ARequestHandler = {
    getAgentCard: () => said(() => cards.card('')),
    getAuthenticatedExtendedAgentCard: (params, context) =>
      said(() => cards.extended(tenantOf(params, context), callerOf(context))),

    sendMessage: (params, context) =>
      said(async (): Promise<Message | Task> => {
        const sent = await begin(params, context);
        if (params.configuration?.returnImmediately === true) await readNow(sent.view);
        else await wait(sent, ANSWER_MS);
        const { message } = sent.view;
        return message ?? trimHistory(sent.view.task(), params.configuration ?? {});
      }),

    sendMessageStream: (params, context) =>
      streamed(async function* () {
        const sent = await begin(params, context);
        const { view } = sent;
        let begun = view.seq >= 0;
        if (begun) yield taskPayload(view);
        if (isAnswered(sent)) return;
        for await (const step of tasks.follow(view)) {
          if (!begun) {
            begun = true;
            yield taskPayload(view);
          } else yield* payloadsOf(view, step);
          if (isAnswered(sent)) return;
        }
      }),

    resubscribe: (params, context) =>
      streamed(async function* () {
        const { view } = await tasks.find(params.id, callerOf(context), tenantOf(params, context));
        if (stand.isOver(view.status.state))
          throw new errors.UnsupportedOperationError(`task ${params.id} is over: there is nothing more to follow`);
        yield taskPayload(view);
        for await (const step of tasks.follow(view)) {
          yield* payloadsOf(view, step);
          if (stand.isOver(view.status.state)) return;
        }
      }),

    getTask: (params, context) =>
      said(async () => {
        const { view } = await tasks.find(params.id, callerOf(context), tenantOf(params, context));
        return trimHistory(view.task(), params);
      }),

    listTasks: (params, context) =>
      said(async () => {
        const tenant = tenantOf(params, context);
        agents.check(tenant);
        return tasks.list({ ...params, tenant }, callerOf(context));
      }),

    cancelTask: (params, context) =>
      said(async () => {
        const by = callerOf(context);
        const { view } = await tasks.find(params.id, by, tenantOf(params, context));
        if (stand.isOver(view.status.state)) throw new errors.TaskNotCancelableError(`task ${params.id} is over`);
        await site.cancel(view.state.run, 'cancelled by A2A', by);
        const canceled = { view, letter: '' };
        await wait(canceled, CANCEL_MS);
        return view.task();
      }),

    createTaskPushNotificationConfig: (params, context) =>
      said(async () => {
        const { view } = await tasks.find(params.taskId, callerOf(context), tenantOf(params, context));
        return addPush(params, view, context);
      }),

    getTaskPushNotificationConfig: (params, context) =>
      said(async () => {
        const { view } = await tasks.find(params.taskId, callerOf(context), tenantOf(params, context));
        const entry = book.of(view.ids.id).find((one) => one.id === params.id);
        if (entry === undefined) throw new Fault('not-found', `task ${params.taskId} tells nobody as '${params.id}'`);
        return pushConfig(entry);
      }),

    listTaskPushNotificationConfigs: (params, context) =>
      said(async () => {
        const { view } = await tasks.find(params.taskId, callerOf(context), tenantOf(params, context));
        return { configs: book.of(view.ids.id).map(pushConfig), nextPageToken: '' };
      }),

    deleteTaskPushNotificationConfig: (params, context) =>
      said(async () => {
        const { view } = await tasks.find(params.taskId, callerOf(context), tenantOf(params, context));
        book.remove(view.ids.id, params.id);
      }),
  };
  return handler;
}

function pushConfig(entry: PushEntry): TaskPushNotificationConfig {
  const { task: taskId, id, url, token, scheme, credentials } = entry;
  const authentication = scheme === '' ? undefined : { scheme, credentials };
  return { tenant: '', id, taskId, url, token, authentication };
}
