/** Messages, as Anthropic has them. A schema comes as `output_config.format`, or as a tool that must be called. */
import type { Json } from '../../../base/index.ts';
import { type ChatMessage, type ChatRequest, finishOf, type Thought, usageFor } from '../brain.ts';
import { delayHeaders, inputOf, piecesOf, type Refusal, sse, type Wire } from './wire.ts';

const PATH = '/v1/messages';
const JSON_TOOL = 'json';

interface Block {
  type: string;
  text?: string;
  id?: string;
  name?: string;
  input?: Json;
  tool_use_id?: string;
  content?: string | Block[];
  cache_control?: unknown;
}

interface Body {
  model: string;
  max_tokens: number;
  stream?: boolean;
  system?: string | Block[];
  messages: { role: 'user' | 'assistant'; content: string | Block[] }[];
  tools?: { name: string; input_schema: Json }[];
  tool_choice?: { type: string; name?: string };
  output_config?: { format?: { schema: Json } };
}

const STOPS: Record<string, string> = {
  stop: 'end_turn',
  tool_calls: 'tool_use',
  length: 'max_tokens',
  content_filter: 'refusal',
};

export const anthropic: Wire = {
  name: 'anthropic',
  takes: (path) => (path === PATH ? {} : undefined),

  read(given) {
    const body = given as unknown as Body;
    const tools = body.tools?.map(({ name, input_schema: parameters }) => ({ function: { name, parameters } }));
    const asTool = tools?.find((tool) => tool.function.name === JSON_TOOL);
    const schema = body.output_config?.format?.schema ?? asTool?.function.parameters;
    const caches = JSON.stringify([body.system ?? '', body.messages]).includes('"cache_control"');
    return {
      model: body.model,
      stream: body.stream,
      max_tokens: body.max_tokens,
      messages: [...systemOf(body.system), ...body.messages.flatMap(messagesOf)],
      tools: tools?.filter((tool) => tool !== asTool),
      caches,
      ...(schema !== undefined && { response_format: { type: 'json_schema', json_schema: { schema } } }),
      answersBy: body.output_config?.format === undefined && asTool !== undefined ? JSON_TOOL : undefined,
    };
  },

  key: (headers) => String(headers['x-api-key'] ?? ''),

  answer: (request, thought) => ({
    ...head(request),
    content: blocksOf(request, thought).map(({ type, id, name, input = '' }) =>
      type === 'tool_use' ? { type, id, name, input: inputOf(input) } : { type, text: input },
    ),
    stop_reason: stopOf(request, thought),
    stop_sequence: null,
    usage: usageOf(request, thought),
  }),

  stream(request, thought, size) {
    const say = (type: string, more: object): Buffer => sse({ type, ...more }, type);
    const usage = usageOf(request, thought);
    const begun = { ...head(request), content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } };
    const pieces = [say('message_start', { message: begun })];
    for (const [index, { input, ...block }] of blocksOf(request, thought).entries()) {
      const isTool = block.type === 'tool_use';
      const empty = isTool ? { ...block, input: {} } : { ...block, text: '' };
      pieces.push(say('content_block_start', { index, content_block: empty }));
      for (const piece of piecesOf(input!, size)) {
        const delta = isTool ? { type: 'input_json_delta', partial_json: piece } : { type: 'text_delta', text: piece };
        pieces.push(say('content_block_delta', { index, delta }));
      }
      pieces.push(say('content_block_stop', { index }));
    }
    return {
      type: 'text/event-stream',
      pieces,
      end: [
        say('message_delta', {
          delta: { stop_reason: stopOf(request, thought), stop_sequence: null },
          usage: { output_tokens: usage.output_tokens },
        }),
        say('message_stop', {}),
      ],
      broken: say('error', { error: { type: 'api_error', message: 'the model fell over' } }),
      idle: say('ping', {}),
    };
  },

  refusal: (refusal) => ({
    body: { type: 'error', error: { type: typeOf(refusal), message: refusal.message } },
    headers: delayHeaders(refusal),
  }),
};

function head({ model }: ChatRequest) {
  return { id: 'msg_1', type: 'message', role: 'assistant', model };
}

function systemOf(system: Body['system']): ChatMessage[] {
  if (system === undefined) return [];
  return [{ role: 'system', content: typeof system === 'string' ? system : textOf(system) }];
}

function textOf(blocks: readonly Block[]): string {
  return blocks.map(({ text = '' }) => text).join('');
}

function messagesOf({ role, content }: Body['messages'][number]): ChatMessage[] {
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  if (role === 'assistant') {
    const calls = blocks
      .filter(({ type }) => type === 'tool_use')
      .map(({ id, name, input }) => ({ id: id!, function: { name: name!, arguments: JSON.stringify(input) } }));
    return [{ role, content: textOf(blocks), ...(calls.length > 0 && { tool_calls: calls }) }];
  }
  const results = blocks.filter(({ type }) => type === 'tool_result');
  if (results.length === 0) return [{ role, content: textOf(blocks) }];
  return results.map(({ tool_use_id: id, content: told = '' }) => ({
    role: 'tool',
    tool_call_id: id,
    content: typeof told === 'string' ? told : textOf(told),
  }));
}

interface Said {
  type: 'text' | 'tool_use';
  id?: string;
  name?: string;
  /** A text, or a call's input as it is said. */
  input?: string;
}

function blocksOf({ messages, answersBy }: ChatRequest, { text, calls = [] }: Thought): Said[] {
  const id = (i: number): string => `toolu_${messages.length}_${i}`;
  const said: Said[] = calls.map(({ name, input }, i) => ({ type: 'tool_use', id: id(i), name, input }));
  if (text === undefined || text === '') return said;
  if (answersBy !== undefined)
    return [{ type: 'tool_use', id: id(said.length), name: answersBy, input: text }, ...said];
  return [{ type: 'text', input: text }, ...said];
}

function stopOf({ answersBy }: ChatRequest, thought: Thought): string {
  const stop = finishOf(thought);
  return stop === 'stop' && answersBy !== undefined && thought.text !== '' ? 'tool_use' : STOPS[stop]!;
}

/** What was read from the cache, and what was written to it, are counted beside the rest. */
function usageOf(request: ChatRequest, thought: Thought) {
  const { prompt, completion, cached } = usageFor(request, thought);
  const read = request.caches === true ? cached : 0;
  const written = request.caches === true && read === 0 ? Math.floor(prompt / 2) : 0;
  return {
    input_tokens: prompt - read - written,
    output_tokens: completion,
    cache_read_input_tokens: read,
    cache_creation_input_tokens: written,
  };
}

function typeOf({ status }: Refusal): string {
  if (status === 429) return 'rate_limit_error';
  if (status === 401) return 'authentication_error';
  if (status === 529) return 'overloaded_error';
  return status >= 500 ? 'api_error' : 'invalid_request_error';
}
