/** Converse, as Amazon Bedrock has it. A schema comes as a tool that must be called; a stream is framed in binary. */
import type { Json } from '../../../base/index.ts';
import { type ChatMessage, type ChatRequest, finishOf, type Thought, usageFor } from '../brain.ts';
import { frame } from './event-stream.ts';
import { delayHeaders, inputOf, piecesOf, type Wire } from './wire.ts';

const PATH = /^\/v1\/model\/([^/]+)\/(converse|converse-stream)$/;
const JSON_TOOL = 'json';

interface Block {
  text?: string;
  toolUse?: { toolUseId: string; name: string; input: Json };
  toolResult?: { toolUseId: string; content: { text?: string; json?: Json }[] };
  cachePoint?: unknown;
}

interface Body {
  system?: Block[];
  messages: { role: 'user' | 'assistant'; content: Block[] }[];
  inferenceConfig?: { maxTokens?: number };
  toolConfig?: { tools?: { toolSpec?: { name: string; inputSchema: { json: Json } } }[] };
}

const STOPS: Record<string, string> = {
  stop: 'end_turn',
  tool_calls: 'tool_use',
  length: 'max_tokens',
  content_filter: 'content_filtered',
};

export const bedrock: Wire = {
  name: 'bedrock',
  takes(path) {
    const [, model, method] = PATH.exec(path) ?? [];
    return model === undefined ? undefined : { model: decodeURIComponent(model), stream: method === 'converse-stream' };
  },

  read(given, { model = '', stream }) {
    const { system, messages, inferenceConfig, toolConfig } = given as unknown as Body;
    const tools = toolConfig?.tools?.flatMap(({ toolSpec: spec }) =>
      spec === undefined ? [] : [{ function: { name: spec.name, parameters: spec.inputSchema.json } }],
    );
    const asTool = tools?.find((tool) => tool.function.name === JSON_TOOL);
    const schema = asTool?.function.parameters;
    return {
      model,
      stream,
      max_tokens: inferenceConfig?.maxTokens,
      messages: [
        ...(system === undefined ? [] : [{ role: 'system' as const, content: textOf(system) }]),
        ...messages.flatMap(messagesOf),
      ],
      tools: tools?.filter((tool) => tool !== asTool),
      caches: JSON.stringify([system ?? [], messages]).includes('"cachePoint"'),
      ...(schema !== undefined && { response_format: { type: 'json_schema', json_schema: { schema } } }),
      answersBy: asTool === undefined ? undefined : JSON_TOOL,
    };
  },

  key: ({ authorization = '' }) => authorization.replace(/^Bearer /, ''),

  answer: (request, thought) => ({
    output: {
      message: {
        role: 'assistant',
        content: saidOf(request, thought).map(({ text, call }) =>
          call === undefined ? { text } : { toolUse: { ...call, input: inputOf(text) } },
        ),
      },
    },
    stopReason: stopOf(request, thought),
    usage: usageOf(request, thought),
    metrics: { latencyMs: 1 },
  }),

  stream(request, thought, size) {
    const pieces = [frame('messageStart', { role: 'assistant' })];
    for (const [contentBlockIndex, { text, call }] of saidOf(request, thought).entries()) {
      if (call !== undefined) pieces.push(frame('contentBlockStart', { contentBlockIndex, start: { toolUse: call } }));
      for (const piece of piecesOf(text, size)) {
        const delta = call === undefined ? { text: piece } : { toolUse: { input: piece } };
        pieces.push(frame('contentBlockDelta', { contentBlockIndex, delta }));
      }
      pieces.push(frame('contentBlockStop', { contentBlockIndex }));
    }
    return {
      type: 'application/vnd.amazon.eventstream',
      pieces,
      end: [
        frame('messageStop', { stopReason: stopOf(request, thought) }),
        frame('metadata', { usage: usageOf(request, thought), metrics: { latencyMs: 1 } }),
      ],
      broken: frame('modelStreamErrorException', { message: 'the model fell over' }, 'exception'),
    };
  },

  refusal: (refusal) => ({ body: { message: refusal.message }, headers: delayHeaders(refusal) }),
};

function textOf(blocks: readonly Block[]): string {
  return blocks.map(({ text = '' }) => text).join('');
}

function messagesOf({ role, content }: Body['messages'][number]): ChatMessage[] {
  if (role === 'assistant') {
    const calls = content.flatMap(({ toolUse: use }) =>
      use === undefined
        ? []
        : [{ id: use.toolUseId, function: { name: use.name, arguments: JSON.stringify(use.input) } }],
    );
    return [{ role, content: textOf(content), ...(calls.length > 0 && { tool_calls: calls }) }];
  }
  const results = content.flatMap(({ toolResult: told }) =>
    told === undefined
      ? []
      : [
          {
            role: 'tool' as const,
            tool_call_id: told.toolUseId,
            content: told.content.map(({ text, json }) => text ?? JSON.stringify(json)).join(''),
          },
        ],
  );
  return results.length > 0 ? results : [{ role, content: textOf(content) }];
}

interface Said {
  /** A text, or a call's input. */
  text: string;
  call?: { toolUseId: string; name: string };
}

function saidOf({ messages, answersBy }: ChatRequest, { text = '', calls = [] }: Thought): Said[] {
  const call = (name: string, i: number) => ({ toolUseId: `use_${messages.length}_${i}`, name });
  const said: Said[] = calls.map(({ name, input }, i) => ({ text: input, call: call(name, i) }));
  if (text === '') return said;
  return [answersBy === undefined ? { text } : { text, call: call(answersBy, said.length) }, ...said];
}

function stopOf({ answersBy }: ChatRequest, thought: Thought): string {
  const stop = finishOf(thought);
  return stop === 'stop' && answersBy !== undefined && thought.text !== '' ? 'tool_use' : STOPS[stop]!;
}

function usageOf(request: ChatRequest, thought: Thought) {
  const { prompt, completion, cached } = usageFor(request, thought);
  const read = request.caches === true ? cached : 0;
  const written = request.caches === true && read === 0 ? Math.floor(prompt / 2) : 0;
  return {
    inputTokens: prompt - read - written,
    outputTokens: completion,
    totalTokens: prompt + completion,
    cacheReadInputTokens: read,
    cacheWriteInputTokens: written,
  };
}
