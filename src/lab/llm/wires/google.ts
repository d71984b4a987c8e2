/** generateContent, as Google has it: the model is in the path, a stream is another method of it. */
import type { Json } from '../../../base/index.ts';
import { type ChatMessage, type ChatRequest, finishOf, type Thought, usageFor } from '../brain.ts';
import { inputOf, piecesOf, sse, type Wire } from './wire.ts';

const PATH = /^\/v1(?:beta)?\/models\/(.+):(generateContent|streamGenerateContent)$/;

interface Part {
  text?: string;
  functionCall?: { name: string; args?: Json };
  functionResponse?: { name: string; response: Json };
}

interface Body {
  systemInstruction?: { parts: Part[] };
  contents: { role: 'user' | 'model'; parts: Part[] }[];
  generationConfig?: { maxOutputTokens?: number; responseSchema?: Json; responseJsonSchema?: Json };
  tools?: { functionDeclarations?: { name: string; parameters?: Json; parametersJsonSchema?: Json }[] }[];
}

const FINISHES: Record<string, string> = {
  stop: 'STOP',
  tool_calls: 'STOP',
  length: 'MAX_TOKENS',
  content_filter: 'SAFETY',
};

const STATUSES: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  529: 'UNAVAILABLE',
};

export const google: Wire = {
  name: 'google',
  takes(path) {
    const [, model, method] = PATH.exec(path) ?? [];
    return model === undefined ? undefined : { model, stream: method === 'streamGenerateContent' };
  },

  read(given, { model = '', stream }) {
    const { systemInstruction, contents, generationConfig = {}, tools } = given as unknown as Body;
    const schema = generationConfig.responseJsonSchema ?? generationConfig.responseSchema;
    return {
      model,
      stream,
      max_tokens: generationConfig.maxOutputTokens,
      messages: [
        ...(systemInstruction === undefined
          ? []
          : [{ role: 'system' as const, content: textOf(systemInstruction.parts) }]),
        ...contents.flatMap(messagesOf),
      ],
      tools: tools?.flatMap(({ functionDeclarations = [] }) =>
        functionDeclarations.map(({ name, parametersJsonSchema, parameters = parametersJsonSchema ?? {} }) => ({
          function: { name, parameters },
        })),
      ),
      ...(schema !== undefined && { response_format: { type: 'json_schema', json_schema: { schema } } }),
    };
  },

  key: (headers) => String(headers['x-goog-api-key'] ?? ''),
  answer: (request, thought) => chunk(request, partsOf(thought), thought),

  stream(request, thought, size) {
    const texts = piecesOf(thought.text ?? '', size).map((text) => sse(chunk(request, [{ text }])));
    const calls = partsOf({ calls: thought.calls });
    return {
      type: 'text/event-stream',
      pieces: [...texts, ...(calls.length > 0 ? [sse(chunk(request, calls))] : [])],
      end: [sse(chunk(request, [{ text: '' }], thought))],
      broken: Buffer.from('data: {"candidates": [{"content"\n\n'),
      idle: Buffer.from(': nothing\n\n'),
    };
  },

  refusal({ status, message, afterMs }) {
    const delay = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${(afterMs ?? 0) / 1_000}s` };
    const details = afterMs === undefined ? {} : { details: [delay] };
    return { body: { error: { code: status, message, status: STATUSES[status] ?? 'UNKNOWN', ...details } } };
  },
};

function textOf(parts: readonly Part[]): string {
  return parts.map(({ text = '' }) => text).join('');
}

function messagesOf({ role, parts }: Body['contents'][number]): ChatMessage[] {
  if (role === 'model') {
    const calls = parts.flatMap(({ functionCall: call }, i) =>
      call === undefined
        ? []
        : [{ id: `${call.name}_${i}`, function: { name: call.name, arguments: JSON.stringify(call.args ?? {}) } }],
    );
    return [{ role: 'assistant', content: textOf(parts), ...(calls.length > 0 && { tool_calls: calls }) }];
  }
  const results = parts.flatMap(({ functionResponse: told }) =>
    told === undefined
      ? []
      : [{ role: 'tool' as const, tool_call_id: told.name, content: JSON.stringify(told.response) }],
  );
  return results.length > 0 ? results : [{ role, content: textOf(parts) }];
}

function partsOf({ text, calls = [] }: Thought): Part[] {
  return [
    ...(text === undefined || text === '' ? [] : [{ text }]),
    ...calls.map(({ name, input }) => ({ functionCall: { name, args: inputOf(input) } })),
  ];
}

/** Only the last chunk of a stream says how it ended; the figures are on every one. */
function chunk(request: ChatRequest, parts: Part[], ended?: Thought) {
  const { prompt, completion, cached } = usageFor(request, ended ?? {});
  return {
    candidates: [
      {
        index: 0,
        content: { role: 'model', parts },
        ...(ended !== undefined && { finishReason: FINISHES[finishOf(ended)] }),
      },
    ],
    usageMetadata: {
      promptTokenCount: prompt,
      candidatesTokenCount: completion,
      totalTokenCount: prompt + completion,
      ...(cached > 0 && { cachedContentTokenCount: cached }),
    },
    modelVersion: request.model,
  };
}
