// Tools and a prompt of the 2026 revision that need input of the client: they answer with what they ask, and are called
// again with the answers. What they remember between two rounds is sealed, and travels with the client.
import { randomUUID } from 'node:crypto';
import {
  acceptedContent,
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  type InputRequests,
  type InputRequiredResult,
  type McpServer,
  type RequestStateCodec,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { text } from './content.ts';

type Answer = CallToolResult | InputRequiredResult;
export type Kept = { tool: string; round?: number; name?: string; nonce: string };

const asks = {
  name: form('What is your name?', { name: { type: 'string' } }),
  confirm: form('Please confirm', { ok: { type: 'boolean' } }),
  sample: (words: string) =>
    inputRequired.createMessage({ messages: [{ role: 'user', content: text(words) }], maxTokens: 100 }),
  roots: inputRequired.listRoots(),
};

export function addRounds(server: McpServer, codec: RequestStateCodec<Kept>): void {
  const seal = (tool: string, more: Partial<Kept> = {}) => codec.mint({ tool, nonce: randomUUID(), ...more });
  const tool = (name: string, work: (context: ServerContext) => Answer | Promise<Answer>): void => {
    const config = { description: 'Needs input of the client', inputSchema: z.object({}) };
    server.registerTool(name, config, async (_, context) => work(context));
  };

  tool('test_input_required_result_elicitation', (context) => {
    const name = said(context, 'user_name')?.['name'];
    if (typeof name !== 'string') return inputRequired({ inputRequests: { user_name: asks.name } });
    return done(`Hello, ${name}!`);
  });
  tool('test_input_required_result_sampling', (context) => {
    const sampled = heard<{ content?: { text?: string } }>(context, 'capital_question');
    if (sampled !== undefined) return done(`Sampling response: ${sampled.content?.text}`);
    return inputRequired({ inputRequests: { capital_question: asks.sample('What is the capital of France?') } });
  });
  tool('test_missing_capability', (context) => {
    if (heard(context, 'answer') !== undefined) return done('sampled');
    return inputRequired({ inputRequests: { answer: asks.sample('Say: pong') } });
  });
  tool('test_input_required_result_list_roots', (context) => {
    const roots = heard<{ roots?: unknown[] }>(context, 'client_roots')?.roots;
    if (!Array.isArray(roots)) return inputRequired({ inputRequests: { client_roots: asks.roots } });
    return done(`Client exposed ${roots.length} root(s): ${JSON.stringify(roots)}`);
  });
  for (const name of ['request_state', 'tampered_state'])
    tool(`test_input_required_result_${name}`, async (context) => {
      const state = context.mcpReq.requestState<Kept>();
      if (said(context, 'confirm') !== undefined && state?.tool === name)
        return done(`state-ok, integrity-ok: ${name}`);
      return inputRequired({ inputRequests: { confirm: asks.confirm }, requestState: await seal(name) });
    });
  tool('test_input_required_result_multiple_inputs', async (context) => {
    const name = said(context, 'user_name')?.['name'];
    const greeting = heard<{ content?: { text?: string } }>(context, 'greeting')?.content?.text;
    const roots = heard<{ roots?: unknown[] }>(context, 'client_roots')?.roots;
    if (typeof name === 'string' && typeof greeting === 'string' && Array.isArray(roots))
      return done(`${greeting} ${name}, ${roots.length} root(s)`);
    return inputRequired({
      inputRequests: { user_name: asks.name, greeting: asks.sample('Generate a greeting'), client_roots: asks.roots },
      requestState: await seal('multiple_inputs'),
    });
  });
  tool('test_input_required_result_multi_round', async (context) => {
    const state = context.mcpReq.requestState<Kept>();
    const round = state?.tool === 'multi_round' ? (state.round ?? 0) : 0;
    if (round === 2) return done(`${state!.name} likes ${String(said(context, 'step2')?.['color'])}`);
    if (round === 0)
      return inputRequired({
        inputRequests: { step1: form('Step 1: What is your name?', { name: { type: 'string' } }) },
        requestState: await seal('multi_round', { round: 1 }),
      });
    return inputRequired({
      inputRequests: { step2: form('Step 2: What is your favorite color?', { color: { type: 'string' } }) },
      requestState: await seal('multi_round', { round: 2, name: String(said(context, 'step1')?.['name']) }),
    });
  });
  tool('test_input_required_result_capabilities', (context) => {
    if (context.mcpReq.inputResponses !== undefined) return done('asked only for what the client can do');
    const envelope = context.mcpReq.envelope as Record<string, Record<string, unknown> | undefined> | undefined;
    const can = envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? {};
    const inputRequests: InputRequests = {};
    if (can['elicitation'] !== undefined) inputRequests['user_name'] = asks.name;
    if (can['sampling'] !== undefined) inputRequests['greeting'] = asks.sample('Generate a short greeting');
    if (can['roots'] !== undefined) inputRequests['client_roots'] = asks.roots;
    return Object.keys(inputRequests).length === 0 ? done('nothing to ask for') : inputRequired({ inputRequests });
  });
  server.registerPrompt('test_input_required_result_prompt', { description: 'Asks before it renders' }, (async (
    context: ServerContext,
  ) => {
    const given = said(context, 'user_context')?.['context'];
    if (typeof given !== 'string')
      return inputRequired({
        inputRequests: { user_context: form('What context should the prompt use?', { context: { type: 'string' } }) },
      });
    return { messages: [{ role: 'user' as const, content: text(`Use the following context: ${given}`) }] };
  }) as never);
}

function form(message: string, properties: Record<string, { type: 'string' | 'boolean' }>) {
  const requestedSchema = { type: 'object' as const, properties, required: Object.keys(properties) };
  return inputRequired.elicit({ message, requestedSchema: requestedSchema as never });
}

function said(context: ServerContext, key: string): Record<string, unknown> | undefined {
  return acceptedContent(context.mcpReq.inputResponses, key);
}

function heard<T>(context: ServerContext, key: string): T | undefined {
  return context.mcpReq.inputResponses?.[key] as T | undefined;
}

function done(words: string): CallToolResult {
  return { content: [text(words)] };
}
