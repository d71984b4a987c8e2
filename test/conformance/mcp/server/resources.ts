// The resources and prompts that the conformance suite reads by name.
import { type McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { image, PIXEL, resource, text } from './content.ts';

export function addResources(server: McpServer): void {
  const texts = {
    'static-text': 'This is the content of the static text resource.',
    'watched-resource': 'Watched resource content',
  };
  for (const [name, words] of Object.entries(texts)) {
    const uri = `test://${name}`;
    const config = { title: name, description: 'A text', mimeType: 'text/plain' };
    server.registerResource(name, uri, config, async () => ({
      contents: [{ uri, mimeType: 'text/plain', text: words }],
    }));
  }
  const binary = 'test://static-binary';
  server.registerResource('static-binary', binary, { description: 'An image', mimeType: 'image/png' }, async () => ({
    contents: [{ uri: binary, mimeType: 'image/png', blob: PIXEL }],
  }));
  server.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { description: 'Data for an id', mimeType: 'application/json' },
    async (uri, { id }) => ({
      contents: [
        {
          uri: uri.href,
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` }),
        },
      ],
    }),
  );
}

export function addPrompts(server: McpServer): void {
  const say = (...content: ReturnType<typeof text | typeof resource>[]) => ({
    messages: content.map((one) => ({ role: 'user' as const, content: one })),
  });
  server.registerPrompt('test_simple_prompt', { description: 'Takes nothing' }, async () =>
    say(text('This is a simple prompt for testing.')),
  );
  server.registerPrompt(
    'test_prompt_with_arguments',
    {
      description: 'Takes two words',
      argsSchema: z.object({ arg1: z.string().describe('The first'), arg2: z.string().describe('The second') }),
    },
    async ({ arg1, arg2 }) => say(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  );
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'Holds a resource', argsSchema: z.object({ resourceUri: z.string().describe('Its URI') }) },
    async ({ resourceUri }) =>
      say(
        resource(resourceUri, 'text/plain', 'Embedded resource content for testing.'),
        text('Please process the embedded resource above.'),
      ),
  );
  server.registerPrompt('test_prompt_with_image', { description: 'Holds an image' }, async () => ({
    messages: [
      { role: 'user' as const, content: image },
      { role: 'user' as const, content: text('Please analyze the image above.') },
    ],
  }));
}
