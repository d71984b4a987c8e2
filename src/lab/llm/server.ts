/**
 * A model server that speaks as OpenAI's, Anthropic's, Google's and Bedrock's do (wires/) and thinks nothing: what it
 * says is told to it, and it goes wrong on demand. Real HTTP on a free loopback port; what is simulated is the model.
 *
 * A trouble is named by the model asked for, `echo:rate-limit`, or handed in; `rate-limit*2` lets only the first two
 * calls have it.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorText, type Json } from '../../base/index.ts';
import { type Brain, type ChatRequest, echoBrain } from './brain.ts';
import { PIECE_CHARS, sendStream } from './stream.ts';
import { bent, LLM_TROUBLES, type LlmTrouble, refusals } from './trouble.ts';
import { type Asked, type Refusal, type Wire, WIRES } from './wires/index.ts';

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

  async function chat(wire: Wire, asked: Asked, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = wire.read(JSON.parse(await readBody(request)) as Json, asked);
    requests.push(body);
    headers.push(request.headers);
    const trouble = troubleOf(body.model);
    const given = wire.key(request.headers);
    if (options.key !== undefined && given !== options.key)
      return refuse(wire, response, { status: 401, message: 'no such key' });
    if (trouble === 'hang') return;
    if (trouble === 'hang-up') return void request.socket.destroy();
    if (trouble === 'slow') await new Promise((done) => setTimeout(done, slowMs));
    const refusal = trouble === undefined ? undefined : refusals[trouble];
    if (refusal !== undefined) return refuse(wire, response, refusal(given));
    const thought = bent(trouble, brain(body));
    if (trouble === 'broken-body') return send(response, 200, '{"choices": [{"mess');
    if (body.stream === true) {
      const pieceChars = trouble === 'odd-stream' ? 1 : PIECE_CHARS;
      return await sendStream(response, wire.stream(body, thought, pieceChars), trouble);
    }
    send(response, 200, JSON.stringify(wire.answer(body, thought)));
  }

  const server = createServer((request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    if (request.method === 'GET' && path === '/v1/models')
      return send(response, 200, JSON.stringify({ object: 'list', data: [{ id: 'echo' }] }));
    for (const wire of request.method === 'POST' ? WIRES : []) {
      const asked = wire.takes(path);
      if (asked === undefined) continue;
      return void chat(wire, asked, request, response).catch((thrown: unknown) => {
        if (!response.headersSent) refuse(wire, response, { status: 500, message: errorText(thrown) });
        else response.destroy();
      });
    }
    refuse(WIRES[0]!, response, { status: 404, message: 'not here' });
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

function refuse(wire: Wire, response: ServerResponse, refusal: Refusal): void {
  const { body, headers } = wire.refusal(refusal);
  send(response, refusal.status, JSON.stringify(body), headers);
}

function send(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
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
