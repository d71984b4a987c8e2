/** HTTP+JSON: the same calls as addresses and methods, each also under `/TENANT`. */
import { Hono, type Context } from 'hono';
import type { ServerCallContext } from '@a2a-js/sdk/server';
import { Fault } from '../../base/index.ts';
import { type GuardEnv, hideTokens } from '../guard/index.ts';
import { isJson, openCall } from './call.ts';
import type { BindingOptions } from './jsonrpc.ts';
import { sseResponse } from '../guard/index.ts';

type Call = { c: Context<GuardEnv>; context: ServerCallContext; tenant: string; body: Record<string, unknown> };
type Work = (call: Call) => Promise<Response>;

export function createRest({ library, handler, cards, callerOf, openStream }: BindingOptions): Hono<GuardEnv> {
  const { types, errors } = library;
  const app = new Hono<GuardEnv>({ strict: false });
  const type = { 'content-type': 'application/json' };

  function failed(thrown: unknown): Response {
    const known = thrown instanceof Fault ? new errors.RequestMalformedError(thrown.message) : thrown;
    // The library's table says 400; the standard's says 415.
    const status = known instanceof errors.ContentTypeNotSupportedError ? 415 : errors.restStatusFor(known);
    const body = JSON.stringify(errors.toRestErrorBody(known, status));
    return new Response(hideTokens(body), { status, headers: type });
  }

  function route(method: 'GET' | 'POST' | 'DELETE', path: string, work: Work): void {
    const answer = async (c: Context<GuardEnv>): Promise<Response> => {
      try {
        if (method === 'POST' && !isJson(c.req.header('content-type')))
          throw new errors.ContentTypeNotSupportedError('bodies are application/json or application/a2a+json');
        const body = await readBody(c);
        const said = typeof body['tenant'] === 'string' ? body['tenant'] : c.req.query('tenant');
        const tenant = c.req.param('tenant') ?? said ?? '';
        const context = await openCall(library, cards, 'HTTP+JSON', {
          by: callerOf(c),
          version: c.req.header(types.A2A_VERSION_HEADER) || undefined,
          extensions: c.req.header(types.HTTP_EXTENSION_HEADER),
          traceparent: c.req.header('traceparent'),
          tenant,
        });
        return await work({ c, context, tenant, body: { ...body, tenant } });
      } catch (thrown) {
        return failed(thrown);
      }
    };
    app.on(method, path, answer);
    app.on(method, `/:tenant${path}`, answer);
  }

  async function readBody(c: Context<GuardEnv>): Promise<Record<string, unknown>> {
    const text = c.req.method === 'POST' ? await c.req.text() : '';
    if (text === '') return {};
    try {
      const body = JSON.parse(text) as unknown;
      if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
    } catch {
      // said below
    }
    throw new errors.RequestMalformedError('the body is no JSON object');
  }

  const json = (value: unknown, status = 200): Response =>
    new Response(JSON.stringify(value), { status, headers: type });

  const stream = (c: Context<GuardEnv>, events: ReturnType<typeof handler.resubscribe>): Promise<Response> =>
    sseResponse({
      events,
      toJson: (event) => types.StreamResponse.toJSON(event),
      broken: (thrown) => errors.toRestErrorBody(thrown, errors.restStatusFor(thrown)),
      close: openStream(c),
    });

  /** `ID:word`: the router has no place for what follows a colon. */
  const task = (c: Context<GuardEnv>): { id: string; word: string } => {
    const named = c.req.param('task') ?? '';
    const cut = named.lastIndexOf(':');
    return cut < 0 ? { id: named, word: '' } : { id: named.slice(0, cut), word: named.slice(cut + 1) };
  };
  const configOf = (call: Call) => ({
    tenant: call.tenant,
    taskId: call.c.req.param('task') ?? '',
    id: call.c.req.param('config') ?? '',
  });

  route('GET', '/extendedAgentCard', async ({ context, tenant }) =>
    json(types.AgentCard.toJSON(await handler.getAuthenticatedExtendedAgentCard({ tenant }, context))),
  );
  route('POST', '/message:send', async ({ context, body }) => {
    const answer = await handler.sendMessage(types.SendMessageRequest.fromJSON(body), context);
    return json(
      'messageId' in answer ? { message: types.Message.toJSON(answer) } : { task: types.Task.toJSON(answer) },
    );
  });
  route('POST', '/message:stream', ({ c, context, body }) =>
    stream(c, handler.sendMessageStream(types.SendMessageRequest.fromJSON(body), context)),
  );
  route('GET', '/tasks', async ({ c, context, tenant }) => {
    const query = types.ListTasksRequest.fromJSON({ ...c.req.query(), tenant });
    query.includeArtifacts = c.req.query('includeArtifacts') === 'true';
    const list = await handler.listTasks(query, context);
    return json(listJson(types.ListTasksResponse.toJSON(list), query.includeArtifacts));
  });
  route('GET', '/tasks/:task', async ({ c, context, tenant }) => {
    const { id, word } = task(c);
    if (word === 'subscribe') return stream(c, handler.resubscribe({ id, tenant }, context));
    const text = c.req.query('historyLength');
    const historyLength = text === undefined ? undefined : Number(text);
    return json(
      types.Task.toJSON(await handler.getTask({ id: c.req.param('task') ?? '', tenant, historyLength }, context)),
    );
  });
  route('POST', '/tasks/:task', async ({ c, context, tenant, body }) => {
    const { id, word } = task(c);
    if (word === 'subscribe') return stream(c, handler.resubscribe({ id, tenant }, context));
    if (word !== 'cancel') throw new errors.UnsupportedOperationError(`nothing is done by '${word}'`);
    const request = types.CancelTaskRequest.fromJSON({ ...body, id });
    return json(types.Task.toJSON(await handler.cancelTask(request, context)));
  });
  route('POST', '/tasks/:task/pushNotificationConfigs', async (call) => {
    const config = types.TaskPushNotificationConfig.fromJSON({ ...call.body, taskId: configOf(call).taskId });
    const made = await handler.createTaskPushNotificationConfig(config, call.context);
    return json(types.TaskPushNotificationConfig.toJSON(made));
  });
  route('GET', '/tasks/:task/pushNotificationConfigs', async (call) => {
    const request = { ...configOf(call), pageSize: 0, pageToken: '' };
    const list = await handler.listTaskPushNotificationConfigs(request, call.context);
    return json(types.ListTaskPushNotificationConfigsResponse.toJSON(list));
  });
  route('GET', '/tasks/:task/pushNotificationConfigs/:config', async (call) =>
    json(
      types.TaskPushNotificationConfig.toJSON(
        await handler.getTaskPushNotificationConfig(configOf(call), call.context),
      ),
    ),
  );
  route('DELETE', '/tasks/:task/pushNotificationConfigs/:config', async (call) => {
    await handler.deleteTaskPushNotificationConfig(configOf(call), call.context);
    return new Response(null, { status: 204 });
  });
  return app;
}

/** Members that must be there though they are empty. */
function listJson(list: unknown, includeArtifacts: boolean): Record<string, unknown> {
  const { tasks = [], ...rest } = list as { tasks?: Record<string, unknown>[] };
  const shown = includeArtifacts ? tasks : tasks.map(({ artifacts: _, ...task }) => task);
  return { nextPageToken: '', totalSize: 0, pageSize: 0, ...rest, tasks: shown };
}
