// The client under test: our MCP agent, driven as each scenario of the suite wants. The suite runs it once a scenario,
// with the address of its own server as the last argument.
import { ClientCredentialsProvider } from '@modelcontextprotocol/client';
import { createMcpAgent, type McpAgentOptions, oauthByPage } from '../../../../src/ports/agent/mcp/index.ts';
import type { Agent, AgentCall } from '../../../../src/ports/agent/index.ts';
import { withDiscovery } from './discovery.ts';

const scenario = process.env['MCP_CONFORMANCE_SCENARIO'] ?? '';
const version = process.env['MCP_CONFORMANCE_PROTOCOL_VERSION'] ?? '2025-11-25';
const context = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}') as {
  client_id?: string;
  client_secret?: string;
  toolCalls?: { name: string; arguments: Record<string, unknown> }[];
};
const url = process.argv.at(-1)!;
const isModern = version >= '2026';

/** Servers of the suite that know the 2026 wire and do not say so when asked (server/discover). */
const mute = [
  'http-standard-headers',
  'http-custom-headers',
  'http-invalid-tool-headers',
  'sep-2322-client-request-state',
];

const answers: Record<string, boolean> = scenario.startsWith('sep-2322') ? { confirmed: true } : {};

const options: McpAgentOptions = {
  name: 'tested',
  server: { url },
  revision: isModern || scenario.startsWith('auth/') ? 'auto' : '2025-11-25',
  fetch: mute.includes(scenario) ? withDiscovery : undefined,
  elicit: () => ({ action: 'accept', content: answers }),
  // Its authorization servers are beside it.
  allow: ['localhost', '127.0.0.1', '::1'],
  connectTimeoutMs: 60_000,
  auth: scenario.startsWith('auth/') ? authOf() : undefined,
};
if (scenario === 'json-schema-ref-no-deref') options.revision = '2025-11-25';

function authOf(): McpAgentOptions['auth'] {
  const { client_id: clientId, client_secret: clientSecret } = context;
  if (scenario === 'auth/client-credentials-basic')
    return { provider: new ClientCredentialsProvider({ clientId: clientId!, clientSecret: clientSecret! }) };
  return oauthByPage({
    clientName: 'skein-conformance',
    redirectUrl: 'http://localhost:3000/callback',
    client: clientId === undefined ? undefined : { clientId, clientSecret },
    clientMetadataUrl: clientId === undefined ? 'https://conformance-test.local/client-metadata.json' : undefined,
    // The suite's page asks nobody: it sends the answer back at once.
    async authorize(page) {
      const location = (await fetch(page, { redirect: 'manual' })).headers.get('location');
      return new URL(location ?? '', page).searchParams;
    },
  });
}

async function use(agent: Agent, skill: string, input: unknown = {}): Promise<unknown> {
  const effect = agent.skills.find((one) => one.name === skill)?.effect ?? 'irreversible';
  const { signal } = new AbortController();
  const call = { run: 'r', step: 's', attempt: 1, skill, input, labels: [], effect, key: 'k', signal };
  return (await agent.call({ ...call, deadlineMs: undefined } as AgentCall)).output;
}

async function drive(agent: Agent): Promise<void> {
  const tools = agent.skills.map((skill) => skill.name).filter((name) => !name.startsWith('tested.'));
  switch (scenario) {
    case 'initialize':
    case 'request-metadata':
    case 'json-schema-ref-no-deref':
      return;
    case 'tools_call':
      return void (await use(agent, 'add_numbers', { a: 5, b: 3 }));
    case 'http-custom-headers':
      for (const call of context.toolCalls ?? []) await use(agent, call.name, call.arguments);
      return;
    case 'http-standard-headers':
      return readAll(agent, tools);
    case 'http-invalid-tool-headers':
      for (const name of tools) await use(agent, name, { region: 'us-west1' }).catch(() => {});
      return;
    case 'json-schema-2020-12-preservation': {
      const schema = agent.skills.find((one) => one.name === 'json_schema_2020_12_tool')!.input;
      return void (await use(agent, 'json_schema_echo', { schema }));
    }
    case 'sep-2322-client-request-state':
      // One of them answers with what the revision does not know: that is refused, and not asked again.
      for (const name of tools) await use(agent, name).catch(() => {});
      return;
    default:
      for (const name of tools) await use(agent, name);
  }
}

async function readAll(agent: Agent, tools: readonly string[]): Promise<void> {
  for (const name of tools) await use(agent, name);
  for (const { uri } of (await use(agent, 'tested.list_resources')) as { uri: string }[])
    await use(agent, 'tested.read_resource', uri);
  for (const { name } of (await use(agent, 'tested.list_prompts')) as { name: string }[])
    await use(agent, 'tested.get_prompt', { name });
}

const agent = await createMcpAgent(options);
await drive(agent);
await agent.close!();
