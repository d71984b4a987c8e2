/**
 * What a server asks of us while it works a call: a person's word (elicitation), a model's (sampling), our roots.
 *
 * A1  In the 2026 revision it ends the call with its questions, and the call is made again with the answers. In 2025
 *     it asks on the connection: the question is of the one call that is open there; with several open nobody can tell.
 * A2  A question that no program of ours answers ends the call with the fault `input.required`: its step waits for a
 *     person, and the call is made anew with the answer. A server asks the same again, and then it is known.
 */
import type { ElicitRequest, ElicitResult, InputRequiredResult, InputResponses } from '@modelcontextprotocol/client';
import { canonicalJson, Fault, hashText } from '../../../base/index.ts';
import type { AgentCall } from '../port.ts';
import type { McpAgentOptions, SamplePrompt } from './options.ts';
import { withoutPatterns } from './patterns.ts';

type SampleParams = {
  systemPrompt?: string;
  maxTokens: number;
  messages: readonly { role: string; content: unknown }[];
};

export interface Asked {
  elicit(params: ElicitRequest['params'], call: AgentCall | undefined): ElicitResult;
  sample(
    params: SampleParams,
    call: AgentCall | undefined,
  ): Promise<{
    role: 'assistant';
    model: string;
    content: { type: 'text'; text: string };
  }>;
  /** All that a call asked for at once. */
  fulfil(required: InputRequiredResult, call: AgentCall | undefined): Promise<InputResponses>;
}

const MAX_PROMPT_CHARS = 200_000;

export function createAsked({ name, elicit, sample }: McpAgentOptions): Asked {
  function answer(params: ElicitRequest['params'], call: AgentCall | undefined): ElicitResult {
    const said = elicit?.(params, call);
    if (said !== undefined) return said;
    if (params.mode === 'url')
      throw new Fault('agent.refused', `'${name}' sends a person to a page, which no run can: ${params.message}`);
    const { message } = params;
    const schema = withoutPatterns(params.requestedSchema);
    const key = hashText(canonicalJson([message, schema])).slice(0, 22);
    const known = call?.answers?.[key];
    if (known !== undefined) return { action: 'accept', content: known as Record<string, string> };
    throw new Fault('input.required', `'${name}' asks a person: ${message}`, {
      detail: { question: { key, message, schema } },
    });
  }

  async function sampled(params: SampleParams, call: AgentCall | undefined) {
    if (sample === undefined) throw new Fault('agent.refused', `'${name}' asks for a model, and none is lent to it`);
    const text = await sample(promptOf(name, params), call);
    return { role: 'assistant' as const, model: 'skein', content: { type: 'text' as const, text } };
  }

  return {
    elicit: answer,
    sample: sampled,
    async fulfil({ inputRequests = {} }, call) {
      const answers: Record<string, unknown> = {};
      for (const [key, request] of Object.entries(inputRequests)) {
        if (request.method === 'elicitation/create') answers[key] = answer(request.params, call);
        else if (request.method === 'sampling/createMessage') answers[key] = await sampled(request.params, call);
        else answers[key] = { roots: [] };
      }
      return answers as InputResponses;
    },
  };
}

function promptOf(name: string, { systemPrompt, maxTokens, messages }: SampleParams): SamplePrompt {
  const said = messages.map(({ role, content }) => ({ role, text: textOf(content) }));
  const size = said.reduce((sum, { text }) => sum + text.length, systemPrompt?.length ?? 0);
  if (size > MAX_PROMPT_CHARS)
    throw new Fault('agent.refused', `'${name}' asks a model with ${size} characters; at most ${MAX_PROMPT_CHARS}`);
  return { system: systemPrompt, messages: said, maxTokens };
}

function textOf(content: unknown): string {
  const blocks = Array.isArray(content) ? (content as unknown[]) : [content];
  return blocks
    .map((block) => block as { type?: unknown; text?: unknown })
    .map((block) => (block.type === 'text' ? String(block.text) : `[${String(block.type)}]`))
    .join('\n');
}
