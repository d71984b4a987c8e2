/** JSON-RPC: 1.0, and 0.3 for those who name no version. */
import type { Context } from 'hono';
import type { A2ARequestHandler } from '@a2a-js/sdk/server';
import { type GuardEnv, hideTokens } from '../guard/index.ts';
import { isJson, openCall } from './call.ts';
import type { Cards } from './card.ts';
import type { A2aLibrary } from './library.ts';
import { sseResponse } from '../guard/index.ts';

export interface BindingOptions {
  library: A2aLibrary;
  handler: A2ARequestHandler;
  cards: Cards;
  callerOf(c: Context<GuardEnv>): GuardEnv['Variables']['principal'];
  /** A stream's place; throws when none is free. */
  openStream(c: Context<GuardEnv>): () => void;
}

type RpcAnswer = { jsonrpc: string; id: string | number | null; result?: unknown; error?: unknown };

const OLD = '0.3';
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;

export function createJsonRpc({ library, handler, cards, callerOf, openStream }: BindingOptions) {
  const { types, server, errors, legacy } = library;
  const now = new server.JsonRpcTransportHandler(handler);
  const old = new legacy.LegacyJsonRpcTransportHandler(handler);
  const isStream = (answer: object): answer is AsyncGenerator<RpcAnswer, void, undefined> =>
    Symbol.asyncIterator in answer;

  return async (c: Context<GuardEnv>): Promise<Response> => {
    const version = c.req.header(types.A2A_VERSION_HEADER) || undefined;
    const isOld = (version ?? OLD) === OLD;
    let id: RpcAnswer['id'] = null;
    const failed = (thrown: unknown): RpcAnswer => ({
      jsonrpc: '2.0',
      id,
      error: cleaned(isOld ? legacyError(thrown) : errors.toJsonRpcError(thrown)),
    });
    const legacyError = (thrown: unknown): unknown => {
      const { mapToLegacyJSONRPCError } = legacy.LegacyJsonRpcTransportHandler as unknown as {
        mapToLegacyJSONRPCError(thrown: unknown): unknown;
      };
      return mapToLegacyJSONRPCError(thrown);
    };
    try {
      if (!isJson(c.req.header('content-type')))
        throw new errors.ContentTypeNotSupportedError('JSON-RPC is spoken in application/json');
      const body = parse(await c.req.text());
      if (body === undefined) return c.json(plainError(null, PARSE_ERROR, 'Invalid JSON payload'));
      if (!isRequest(body)) return c.json(plainError(idOf(body), INVALID_REQUEST, 'Invalid JSON-RPC request'));
      ({ id = null } = body);
      const context = await openCall(library, cards, 'JSONRPC', {
        by: callerOf(c),
        version,
        extensions: c.req.header(types.HTTP_EXTENSION_HEADER),
        traceparent: c.req.header('traceparent'),
      });
      const answer = await (isOld ? old : now).handle(body as never, context);
      if (!isStream(answer)) return c.json(answer as never);
      return await sseResponse({
        events: answer,
        toJson: (event) => event,
        broken: failed,
        close: openStream(c),
      });
    } catch (thrown) {
      return c.json(failed(thrown) as never);
    }
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

interface RpcRequest {
  jsonrpc: '2.0';
  id?: string | number | null;
  method: string;
}

function isRequest(body: unknown): body is RpcRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return false;
  const { jsonrpc, method, id = null } = body as Record<string, unknown>;
  const isId = id === null || typeof id === 'string' || (typeof id === 'number' && Number.isInteger(id));
  return jsonrpc === '2.0' && typeof method === 'string' && method !== '' && isId;
}

function idOf(body: unknown): RpcAnswer['id'] {
  const id: unknown = typeof body === 'object' && body !== null ? (body as { id?: unknown }).id : null;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

function plainError(id: RpcAnswer['id'], code: number, message: string) {
  return { jsonrpc: '2.0', id, error: { code, message } };
}

function cleaned(error: unknown): unknown {
  return JSON.parse(hideTokens(JSON.stringify(error))) as unknown;
}
