/** One turn of a model: what it is told, and what it says. Plain data, for turns are kept in journals. */
import { z } from 'zod';
import { Fault, type Json } from '../../../base/index.ts';
import type { Usage } from '../../../model/index.ts';
import type { Model, ModelOptions, ModelResult } from './model.ts';

const json = z.json() as z.ZodType<Json>;
const meta = json.optional();

const part = z.discriminatedUnion('is', [
  z.object({ is: z.literal('text'), text: z.string(), meta }),
  /** `meta` holds the provider's signature, without which some do not take the thought back. */
  z.object({ is: z.literal('thought'), text: z.string(), meta }),
  /** `bad`: the input as it came, where it is no JSON. */
  z.object({
    is: z.literal('call'),
    id: z.string(),
    tool: z.string(),
    input: json.optional(),
    bad: z.string().optional(),
    meta,
  }),
]);

const message = z.discriminatedUnion('by', [
  z.object({ by: z.literal('user'), text: z.string() }),
  z.object({ by: z.literal('model'), parts: z.array(part) }),
  z.object({
    by: z.literal('tools'),
    results: z.array(z.object({ id: z.string(), tool: z.string(), output: json, failed: z.boolean().optional() })),
  }),
]);

export const turnTask = z.object({
  system: z.string().optional(),
  messages: z.array(message),
  tools: z.array(z.object({ name: z.string(), description: z.string().optional(), input: json.optional() })).optional(),
});

export type Part = z.infer<typeof part>;
export type Message = z.infer<typeof message>;
export type TurnTask = z.infer<typeof turnTask>;
export type ModelCall = Extract<Part, { is: 'call' }>;

export interface TurnLimits {
  maxOutputTokens: number;
  temperature?: number;
  schema?: Json;
  providerOptions?: ModelOptions['providerOptions'];
  signal: AbortSignal;
  /** Told the text as it comes. None: it is not streamed. */
  say?: (piece: string) => void;
}

export interface Said {
  parts: Part[];
  finish: ModelResult['finishReason']['unified'];
  usage: Usage;
}

/** Throws what the provider throws. */
export async function takeTurn(model: Model, task: TurnTask, limits: TurnLimits): Promise<Said> {
  const options: ModelOptions = {
    prompt: promptOf(task),
    maxOutputTokens: limits.maxOutputTokens,
    temperature: limits.temperature,
    providerOptions: limits.providerOptions,
    abortSignal: limits.signal,
  };
  if (limits.schema !== undefined)
    options.responseFormat = { type: 'json', schema: limits.schema as never, name: 'answer' };
  if (task.tools !== undefined && task.tools.length > 0)
    options.tools = task.tools.map((tool) => ({
      type: 'function',
      name: tool.name,
      description: tool.description,
      inputSchema: (tool.input ?? { type: 'object' }) as never,
    }));
  if (limits.say === undefined) {
    const { content, finishReason, usage } = await model.doGenerate(options);
    return { parts: content.flatMap(partOf), finish: finishReason.unified, usage: usageOf(usage) };
  }
  return await streamed(model, options, limits.say);
}

async function streamed(model: Model, options: ModelOptions, say: (piece: string) => void): Promise<Said> {
  const { stream } = await model.doStream(options);
  const texts = new Map<string, Extract<Part, { is: 'text' | 'thought' }>>();
  const parts: Part[] = [];
  let end: Omit<Said, 'parts'> | undefined;
  const open = (id: string, is: 'text' | 'thought'): Extract<Part, { is: 'text' | 'thought' }> => {
    const made = { is, text: '' } as const;
    const known = texts.get(`${is}|${id}`);
    if (known !== undefined) return known;
    const fresh: Extract<Part, { is: 'text' | 'thought' }> = { ...made };
    texts.set(`${is}|${id}`, fresh);
    parts.push(fresh);
    return fresh;
  };
  for await (const piece of stream) {
    switch (piece.type) {
      case 'text-delta':
        open(piece.id, 'text').text += piece.delta;
        say(piece.delta);
        break;
      case 'reasoning-delta':
        open(piece.id, 'thought').text += piece.delta;
        break;
      case 'text-end':
      case 'reasoning-end': {
        const text = texts.get(`${piece.type === 'text-end' ? 'text' : 'thought'}|${piece.id}`);
        if (text !== undefined && piece.providerMetadata !== undefined) text.meta = piece.providerMetadata as Json;
        break;
      }
      case 'tool-call':
        parts.push(...partOf(piece));
        break;
      case 'finish':
        end = { finish: piece.finishReason.unified, usage: usageOf(piece.usage) };
        break;
      case 'error':
        throw piece.error;
      default:
        break;
    }
  }
  if (end === undefined) throw new Error('the stream ended before the answer did');
  return { parts: parts.filter((one) => one.is === 'call' || one.text !== '' || one.meta !== undefined), ...end };
}

function partOf(content: ModelResult['content'][number]): Part[] {
  const meta = content.providerMetadata as Json | undefined;
  switch (content.type) {
    case 'text':
      return [withMeta({ is: 'text', text: content.text }, meta)];
    case 'reasoning':
      return [withMeta({ is: 'thought', text: content.text }, meta)];
    case 'tool-call': {
      const { toolCallId: id, toolName: tool, input } = content;
      try {
        return [withMeta({ is: 'call', id, tool, input: JSON.parse(input === '' ? '{}' : input) as Json }, meta)];
      } catch {
        return [withMeta({ is: 'call', id, tool, bad: input }, meta)];
      }
    }
    default:
      return [];
  }
}

function withMeta(made: Part, meta: Json | undefined): Part {
  return meta === undefined ? made : { ...made, meta };
}

function promptOf({ system, messages, tools }: TurnTask): ModelOptions['prompt'] {
  const prompt: ModelOptions['prompt'] = messages.map((one) => {
    switch (one.by) {
      case 'user':
        return { role: 'user', content: [{ type: 'text', text: one.text }] };
      case 'model':
        return { role: 'assistant', content: one.parts.map(spoken) };
      case 'tools':
        return {
          role: 'tool',
          content: one.results.map(({ id, tool, output, failed }) => ({
            type: 'tool-result',
            toolCallId: id,
            toolName: tool,
            output: { type: failed === true ? 'error-json' : 'json', value: output as never },
          })),
        };
    }
  });
  // With tools the beginning is sent again at every turn: providers that cache on request are asked to.
  const again = tools !== undefined && tools.length > 0;
  if (system !== undefined)
    prompt.unshift({ role: 'system', content: system, ...(again ? { providerOptions: CACHED } : {}) });
  return prompt;
}

const CACHED = { anthropic: { cacheControl: { type: 'ephemeral' } }, bedrock: { cachePoint: { type: 'default' } } };

function spoken(one: Part): Extract<ModelOptions['prompt'][number], { role: 'assistant' }>['content'][number] {
  const more = one.meta === undefined ? {} : { providerOptions: one.meta as never };
  if (one.is === 'text') return { type: 'text', text: one.text, ...more };
  if (one.is === 'thought') return { type: 'reasoning', text: one.text, ...more };
  return { type: 'tool-call', toolCallId: one.id, toolName: one.tool, input: one.input ?? {}, ...more };
}

function usageOf({ inputTokens, outputTokens }: ModelResult['usage']): Usage {
  const usage: Usage = {
    inputTokens: inputTokens.total,
    outputTokens: outputTokens.total,
    cachedTokens: inputTokens.cacheRead,
    cacheWriteTokens: inputTokens.cacheWrite,
    reasoningTokens: outputTokens.reasoning,
    turns: 1,
  };
  for (const name of Object.keys(usage) as (keyof Usage)[]) if (!usage[name]) delete usage[name];
  return usage;
}

export function addUsage(a: Usage, b: Usage): Usage {
  const sum: Usage = { ...a };
  for (const [name, value] of Object.entries(b))
    if (typeof value === 'number') sum[name as 'turns'] = (sum[name as 'turns'] ?? 0) + value;
  return sum;
}

/** A turn that cannot be taken as an answer. */
export function unfinished(said: Said, agent: string, maxOutputTokens: number): Fault | undefined {
  switch (said.finish) {
    case 'length':
      return new Fault(
        'output.invalid',
        `agent '${agent}': the answer was cut after ${said.usage.outputTokens ?? maxOutputTokens} tokens; raise maxOutputTokens, or ask for less`,
      );
    case 'content-filter':
      return new Fault('agent.refused', `agent '${agent}': its provider's filter refused to answer`, {
        retry: 'elsewhere',
      });
    case 'error':
      return new Fault('agent.failed', `agent '${agent}': its provider broke off`, { retry: 'same' });
    default:
      return said.parts.some((one) => one.is !== 'thought')
        ? undefined
        : new Fault('agent.failed', `agent '${agent}' said nothing`, { retry: 'same' });
  }
}

/** About how many tokens this is: counted high, for what is sent must fit. */
export function estimateTokens(task: TurnTask, schema?: Json): number {
  const CHARS_A_TOKEN = 3;
  const PER_MESSAGE = 8;
  const chars = JSON.stringify(task).length + (schema === undefined ? 0 : JSON.stringify(schema).length);
  return Math.ceil(chars / CHARS_A_TOKEN) + PER_MESSAGE * task.messages.length;
}
