/**
 * A model server that speaks as OpenAI's does and thinks nothing: what it says is told to it, and it goes wrong on
 * demand. Real HTTP on a free loopback port; what is simulated is the model.
 *
 * A trouble is named by the model asked for, `echo:rate-limit`, or handed in; `rate-limit*2` lets only the first two
 * calls have it.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorText } from '../../base/index.ts';
import { type Brain, type ChatRequest, echoBrain, finishOf, type Thought, usageFor } from './brain.ts';
import { streamAnswer } from './stream.ts';
import { bent, JSON_TYPE, LLM_TROUBLES, type LlmTrouble, refusals, refuse } from './trouble.ts';

export interface LlmServerOptions {
  brain?: Brain;
  port?: number;
  slowMs?: number;
  /** Calls in the order they come: undefined = no trouble. Goes before what the model's name says. */
  troubles?: (LlmTrouble | undefined)[];
  /** A key it insists on. */
  key?: string;
}

export interface LlmServer {
  /** Give it as `baseUrl`. */
  url: string;
  readonly requests: ChatRequest[];
  readonly headers: Record<string, string | string[] | undefined>[];
  troubles: (LlmTrouble | undefined)[];
  close(): Promise<void>;
}

const SLOW_MS = 300;
const MAX_BODY_BYTES = 16 * 1024 * 1024;

export async function openLlmServer(options: LlmServerOptions = {}): Promise<LlmServer> {
  const { brain = echoBrain, slowMs = SLOW_MS } = options;
  const requests: ChatRequest[] = [];
  const headers: LlmServer['headers'] = [];
  const troubles = [...(options.troubles ?? [])];
  const asked = new Map<string, number>();

  function troubleOf(model: string): LlmTrouble | undefined {
    if (troubles.length > 0) return troubles.shift();
    const [, named] = model.split(':');
    if (named === undefined) return undefined;
    const [trouble, times] = named.split('*');
    const before = asked.get(model) ?? 0;
    asked.set(model, before + 1);
    if (times !== undefined && before >= Number(times)) return undefined;
    return LLM_TROUBLES.find((one) => one === trouble);
  }

  async function chat(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse(await readBody(request)) as ChatRequest;
    requests.push(body);
    headers.push(request.headers);
    const trouble = troubleOf(body.model);
    const given = request.headers.authorization ?? '';
    if (options.key !== undefined && given !== `Bearer ${options.key}`) return refuse(response, 401, 'no such key');
    if (trouble === 'hang') return;
    if (trouble === 'hang-up') return void request.socket.destroy();
    if (trouble === 'slow') await new Promise((done) => setTimeout(done, slowMs));
    const refusal = trouble === undefined ? undefined : refusals[trouble];
    if (refusal !== undefined) return refusal(response, given);
    const thought = bent(trouble, brain(body));
    const answer = chatAnswer(body, thought);
    if (trouble === 'broken-body') {
      response.writeHead(200, JSON_TYPE).end('{"choices": [{"mess');
      return;
    }
    if (body.stream === true) return await streamAnswer(response, body, thought, trouble);
    response.writeHead(200, JSON_TYPE).end(JSON.stringify(answer));
  }

  const server = createServer((request, response) => {
    if (request.method === 'GET' && request.url === '/v1/models')
      return void response.writeHead(200, JSON_TYPE).end(JSON.stringify({ object: 'list', data: [{ id: 'echo' }] }));
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') return refuse(response, 404, 'not here');
    chat(request, response).catch((thrown: unknown) => {
      if (!response.headersSent) refuse(response, 500, errorText(thrown));
      else response.destroy();
    });
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    headers,
    troubles,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function chatAnswer(body: ChatRequest, thought: Thought): unknown {
  const calls = thought.calls?.map((call, i) => ({
    id: `call_${body.messages.length}_${i}`,
    type: 'function',
    function: { name: call.name, arguments: call.input },
  }));
  return {
    id: 'chat-1',
    object: 'chat.completion',
    created: 1,
    model: body.model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: thought.text ?? null, tool_calls: calls },
        finish_reason: finishOf(thought),
      },
    ],
    usage: usageFor(body, thought),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('the request is too large');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
