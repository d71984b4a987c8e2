// The tools that the conformance suite calls by name: plain ones, and those that ask the client for something while
// they work (2025) or log and report progress.
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallToolResult, fromJsonSchema, type McpServer, type ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { audio, image, resource, text } from './content.ts';
import { defaultsForm, enumsForm, schema2020 } from './forms.ts';

const nothing = z.object({});
const STEP_MS = 30;

export function addTools(server: McpServer): void {
  const plain: Record<string, CallToolResult['content']> = {
    test_simple_text: [text('This is a simple text response for testing.')],
    test_image_content: [image],
    test_audio_content: [audio],
    test_embedded_resource: [
      resource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.'),
    ],
    test_multiple_content_types: [
      text('Multiple content types test:'),
      image,
      resource('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
    ],
    test_streaming_elicitation: [text('a result, and nothing else, on the stream')],
  };
  for (const [name, content] of Object.entries(plain))
    server.registerTool(
      name,
      { description: `Answers with ${content.map((one) => one.type).join(', ')}` },
      async () => ({
        content,
      }),
    );

  server.registerTool('test_error_handling', { description: 'Fails' }, async () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
  server.registerTool('test_tool_with_logging', { description: 'Logs', inputSchema: nothing }, async (_, context) => {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await context.mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } });
      await sleep(STEP_MS);
    }
    return { content: [text('Tool with logging executed successfully')] };
  });
  server.registerTool(
    'test_logging_tool',
    { description: 'Logs if asked', inputSchema: nothing },
    async (_, context) => {
      await context.mcpReq.log('info', 'said only to who asked for logs');
      return { content: [text('logged')] };
    },
  );
  server.registerTool('test_tool_with_progress', { description: 'Reports', inputSchema: nothing }, withProgress);
  server.registerTool(
    'test_reconnection',
    { description: 'Closes its own stream', inputSchema: nothing },
    async (_, context) => {
      context.http?.closeSSE?.();
      await sleep(100);
      return { content: [text('Reconnection test completed successfully')] };
    },
  );
  server.registerTool(
    'json_schema_2020_12_tool',
    { description: 'Its schema uses JSON Schema 2020-12', inputSchema: fromJsonSchema(schema2020 as never) },
    async (given) => ({ content: [text(JSON.stringify(given))] }),
  );
  server.registerTool(
    'test_x_mcp_header',
    {
      description: 'One argument is mirrored in a header',
      inputSchema: fromJsonSchema<{ region?: string }>({
        type: 'object',
        properties: {
          region: { type: 'string', 'x-mcp-header': 'Region' },
          level: { type: 'integer' },
        },
      } as never),
    },
    async ({ region }) => ({ content: [text(`region=${region ?? '<none>'}`)] }),
  );
  addAskingTools(server);
}

/** 2025: requests from the server while a call is open. */
function addAskingTools(server: McpServer): void {
  server.registerTool(
    'test_sampling',
    { description: 'Asks the client to sample', inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, context) => {
      const params = { messages: [{ role: 'user' as const, content: text(prompt) }], maxTokens: 100 };
      const said = await context.mcpReq.send({ method: 'sampling/createMessage', params });
      const { content } = said as { content: { text?: string } };
      return { content: [text(`LLM response: ${content.text}`)] };
    },
  );
  server.registerTool(
    'test_elicitation',
    { description: 'Asks the user', inputSchema: z.object({ message: z.string() }) },
    async ({ message }, context) =>
      elicit(context, message, {
        type: 'object',
        properties: { response: { type: 'string', description: "User's response" } },
        required: ['response'],
      }),
  );
  const forms = { test_elicitation_sep1034_defaults: defaultsForm, test_elicitation_sep1330_enums: enumsForm };
  for (const [name, form] of Object.entries(forms))
    server.registerTool(name, { description: 'Asks the user by a form', inputSchema: nothing }, async (_, context) =>
      elicit(context, 'Please fill in the form', form),
    );
}

async function elicit(context: ServerContext, message: string, requestedSchema: unknown): Promise<CallToolResult> {
  const said = await context.mcpReq.send({ method: 'elicitation/create', params: { message, requestedSchema } });
  const { action, content } = said as { action: string; content?: unknown };
  return { content: [text(`User response: action=${action}, content=${JSON.stringify(content ?? {})}`)] };
}

async function withProgress(_: unknown, context: ServerContext): Promise<CallToolResult> {
  const progressToken = context.mcpReq._meta?.progressToken;
  if (progressToken !== undefined) {
    for (const progress of [0, 50, 100]) {
      const params = { progressToken, progress, total: 100, message: `Completed step ${progress} of 100` };
      await context.mcpReq.notify({ method: 'notifications/progress', params });
      await sleep(STEP_MS);
    }
  }
  return { content: [text(String(progressToken ?? 'no-progress-token'))] };
}
