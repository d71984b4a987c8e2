/** Chat completions, as OpenAI has them and most servers speak them. */
import { type ChatRequest, finishOf, type Thought, usageFor } from '../brain.ts';
import { delayHeaders, piecesOf, sse, type Wire } from './wire.ts';

const PATH = '/v1/chat/completions';

export const openai: Wire = {
  name: 'openai',
  takes: (path) => (path === PATH ? {} : undefined),
  read: (body) => body as unknown as ChatRequest,
  key: ({ authorization = '' }) => authorization.replace(/^Bearer /, ''),

  answer: (request, thought) => ({
    id: 'chat-1',
    object: 'chat.completion',
    created: 1,
    model: request.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: thought.text ?? null,
          tool_calls: thought.calls?.map((call, i) => ({
            id: callId(request, i),
            type: 'function',
            function: { name: call.name, arguments: call.input },
          })),
        },
        finish_reason: finishOf(thought),
      },
    ],
    usage: usageOf(request, thought),
  }),

  stream(request, thought, size) {
    const chunk = (delta: unknown, finish: string | null = null): Buffer =>
      sse({ ...head(request), choices: [{ index: 0, delta, finish_reason: finish }] });
    const pieces = [chunk({ role: 'assistant', content: '' })];
    for (const content of piecesOf(thought.text ?? '', size)) pieces.push(chunk({ content }));
    for (const [index, { name, input }] of (thought.calls ?? []).entries()) {
      const id = callId(request, index);
      pieces.push(chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }));
      for (const text of piecesOf(input, size))
        pieces.push(chunk({ tool_calls: [{ index, function: { arguments: text } }] }));
    }
    return {
      type: 'text/event-stream',
      pieces,
      end: [
        chunk({}, finishOf(thought)),
        sse({ ...head(request), choices: [], usage: usageOf(request, thought) }),
        Buffer.from('data: [DONE]\n\n'),
      ],
      broken: sse({ error: { message: 'the model fell over', type: 'server_error' } }),
      idle: Buffer.concat([Buffer.from(': keep-alive\n\n'), chunk({})]),
    };
  },

  refusal: (refusal) => ({
    body: { error: { message: refusal.message, type: 'error' } },
    headers: delayHeaders(refusal),
  }),
};

function head({ model }: ChatRequest) {
  return { id: 'chat-1', object: 'chat.completion.chunk', created: 1, model };
}

function callId({ messages }: ChatRequest, index: number): string {
  return `call_${messages.length}_${index}`;
}

function usageOf(request: ChatRequest, thought: Thought) {
  const { prompt, completion, cached } = usageFor(request, thought);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
  };
}
