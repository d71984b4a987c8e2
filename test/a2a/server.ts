// An A2A agent on the official SDK alone, as its examples have it. Prints its address. `node server.ts [port]`
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AgentCard, formatSSEEvent, type Message, Role, SSE_HEADERS, TaskState } from '@a2a-js/sdk';
import {
  AgentEvent,
  type AgentExecutor,
  DefaultRequestHandler,
  InMemoryTaskStore,
  JsonRpcTransportHandler,
  type RequestContext,
  ServerCallContext,
} from '@a2a-js/sdk/server';

const [port = '0'] = process.argv.slice(2);
let worked = 0;
let asked = 0;

function textOf({ parts }: Message): string {
  return parts.map((part) => (part.content?.$case === 'text' ? part.content.value : '')).join('');
}

/**
 * Says its text in capitals, with how many tasks it has begun so far, after as many ms as a number in the text says.
 * `ask` wants a person's word, and again when that is `?`; `login` wants to be let in.
 */
const executor: AgentExecutor = {
  async execute({ taskId, contextId, userMessage, task }: RequestContext, bus) {
    if (task === undefined) worked++;
    const text = textOf(userMessage);
    const status = (state: TaskState, message?: Message) => ({ state, message, timestamp: new Date().toISOString() });
    const ids = { taskId, contextId, metadata: undefined };
    const question = (state: TaskState, value: string) => {
      const parts = [{ content: { $case: 'text' as const, value }, metadata: undefined, filename: '', mediaType: '' }];
      const more = { taskId, contextId, parts, metadata: undefined, extensions: [], referenceTaskIds: [] };
      const message = { ...more, messageId: `q${++asked}`, role: Role.ROLE_AGENT };
      bus.publish(AgentEvent.statusUpdate({ ...ids, status: status(state, message) }));
      bus.finished();
    };
    if (text === '?') return question(TaskState.TASK_STATE_INPUT_REQUIRED, 'Which seat?');
    const working = status(TaskState.TASK_STATE_WORKING);
    if (task === undefined)
      bus.publish(
        AgentEvent.task({
          id: taskId,
          contextId,
          status: working,
          artifacts: [],
          history: [userMessage],
          metadata: undefined,
        }),
      );
    await new Promise((resolve) => setTimeout(resolve, Number(/\d+/.exec(text)?.[0] ?? 0)));
    if (text.startsWith('ask')) return question(TaskState.TASK_STATE_INPUT_REQUIRED, 'Which seat?');
    if (text.startsWith('login')) return question(TaskState.TASK_STATE_AUTH_REQUIRED, 'Log in at the desk');
    const content = { $case: 'text' as const, value: `${text.toUpperCase()} #${worked}` };
    const part = { content, metadata: undefined, filename: '', mediaType: 'text/plain' };
    const artifact = { artifactId: 'a', name: '', description: '', parts: [part], metadata: undefined, extensions: [] };
    bus.publish(AgentEvent.artifactUpdate({ ...ids, artifact, append: false, lastChunk: true }));
    bus.publish(AgentEvent.statusUpdate({ ...ids, status: status(TaskState.TASK_STATE_COMPLETED) }));
    bus.finished();
  },
  async cancelTask(taskId, bus) {
    const status = { state: TaskState.TASK_STATE_CANCELED, message: undefined, timestamp: new Date().toISOString() };
    bus.publish(AgentEvent.statusUpdate({ taskId, contextId: '', status, metadata: undefined }));
    bus.finished();
  },
};

const server = createServer();
server.listen(Number(port), '127.0.0.1', () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const card: AgentCard = {
    name: 'loud',
    description: 'Says it in capitals.',
    version: '1.0.0',
    provider: undefined,
    supportedInterfaces: [{ url: `${url}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0', tenant: '' }],
    capabilities: { streaming: true, pushNotifications: false, extensions: [] },
    securitySchemes: {},
    securityRequirements: [],
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    skills: [
      {
        id: 'shout',
        name: 'Shout',
        description: 'Says it in capitals.',
        tags: [],
        examples: [],
        inputModes: [],
        outputModes: [],
        securityRequirements: [],
      },
    ],
    signatures: [],
  };
  const requestHandler = new DefaultRequestHandler(card, new InMemoryTaskStore(), executor);
  const transport = new JsonRpcTransportHandler(requestHandler);
  server.on('request', (request, response) => void answer(request, response));

  async function answer(request: IncomingMessage, response: ServerResponse) {
    if (request.method === 'GET') return response.end(JSON.stringify(AgentCard.toJSON(card)));
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
    const context = new ServerCallContext({ requestedVersion: '1.0' });
    const said = await transport.handle(body, context);
    if (!(Symbol.asyncIterator in said)) return response.end(JSON.stringify(said));
    response.writeHead(200, SSE_HEADERS);
    for await (const event of said) response.write(formatSSEEvent(event));
    return response.end();
  }
  process.stdout.write(`${url}\n`);
});
