/** `skein lab llm` */
import { Command } from 'commander';
import { LLM_TROUBLES, openLlmServer } from './index.ts';

interface Given {
  port: string;
  json?: boolean;
}

export function llmCommand(): Command {
  return new Command('llm')
    .description(
      'a model server that speaks as OpenAI, Anthropic, Google and Bedrock do, thinks nothing, and goes wrong on demand',
    )
    .option('--port <port>', 'the port; 0 = any that is free', '0')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
It says back what it is told. The model's name asks for a trouble: echo:rate-limit, or
echo:rate-limit*2 for the first two calls only. Troubles:
  ${LLM_TROUBLES.slice(0, 9).join(', ')},
  ${LLM_TROUBLES.slice(9, 16).join(', ')},
  ${LLM_TROUBLES.slice(16).join(', ')}`,
    )
    .action(async ({ port, json }: Given) => {
      const server = await openLlmServer({ port: Number(port) });
      process.stdout.write(json === true ? `${JSON.stringify({ url: server.url })}\n` : `listening at ${server.url}\n`);
      await new Promise<void>((done) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
      });
      await server.close();
    });
}
