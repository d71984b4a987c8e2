/** MCP servers as agents. */
import { Fault } from '../../../base/index.ts';
import type { AgentEnvironment, McpDeclaration } from '../declare.ts';
import type { Agent } from '../port.ts';
import { createMcpAgent } from './agent.ts';
import { loadLibrary } from './library.ts';
import type { McpAgentOptions, McpServerAddress } from './options.ts';

export { createMcpAgent } from './agent.ts';
export { oauthByPage, type OAuthOptions } from './oauth.ts';
export type { McpAgentOptions, McpAuth, McpServerAddress, McpSkillWord, SamplePrompt } from './options.ts';

export async function open(
  declaration: McpDeclaration,
  { env, folder, clock, secrets }: AgentEnvironment,
): Promise<Agent> {
  const { name, description, skills, limits, mcp } = declaration;
  const words = new Map((skills ?? []).map((word) => [word.name, { ...word }]));
  const more = (kind: 'undo' | 'reconcile', tools: Record<string, string> = {}) => {
    for (const [skill, tool] of Object.entries(tools))
      words.set(skill, { ...(words.get(skill) ?? { name: skill }), [kind]: tool });
  };
  more('undo', mcp.undo);
  more('reconcile', mcp.reconcile);
  const { annotations, revision, connectTimeoutMs, sampling } = mcp;
  const options: McpAgentOptions = {
    name,
    description,
    limits,
    annotations,
    revision,
    connectTimeoutMs,
    sampling,
    skills: [...words.values()],
    server: 'url' in mcp ? remote(name, mcp, env) : local(mcp, env, folder),
    secrets,
    nowMs: () => clock.nowMs(),
  };
  if ('url' in mcp) {
    const { tokenEnv, oauth, allow = [] } = mcp;
    // Whoever named the issuer meant it, inside or not.
    options.allow = oauth?.issuer === undefined ? allow : [new URL(oauth.issuer).host, ...allow];
    // Asked for at each request: a token that was renewed outside counts at once.
    if (tokenEnv !== undefined) options.auth = { token: () => needed(name, env, tokenEnv) };
    if (oauth !== undefined) options.auth = await credentials(name, mcp.url, oauth, env);
  }
  return createMcpAgent(options);
}

type Remote = Extract<McpDeclaration['mcp'], { url: string }>;
type Local = Extract<McpDeclaration['mcp'], { command: string[] }>;
type Env = AgentEnvironment['env'];

function remote(name: string, { url, headersEnv = {} }: Remote, env: Env): McpServerAddress {
  const headers = Object.entries(headersEnv).map(([header, variable]) => [header, needed(name, env, variable)]);
  return { url, headers: Object.fromEntries(headers) as Record<string, string> };
}

function local(
  { command, env: given, passEnv = [], cwd }: Local,
  env: Env,
  folder: string | undefined,
): McpServerAddress {
  const passed = passEnv.flatMap((variable) => (env[variable] === undefined ? [] : [[variable, env[variable]]]));
  return { command, env: { ...Object.fromEntries(passed), ...given }, cwd: cwd ?? folder };
}

/** The secret is shown to one authorization server, whatever others the MCP server names. */
async function credentials(
  name: string,
  url: string,
  { clientId, clientSecretEnv, scope, issuer = new URL(url).origin }: NonNullable<Remote['oauth']>,
  env: Env,
): Promise<McpAgentOptions['auth']> {
  const { ClientCredentialsProvider } = await loadLibrary();
  const clientSecret = needed(name, env, clientSecretEnv);
  return { provider: new ClientCredentialsProvider({ clientId, clientSecret, scope, expectedIssuer: issuer }) };
}

/** The message names the variable, never what is in it. */
function needed(name: string, env: Env, variable: string): string {
  const value = env[variable];
  if (value !== undefined && value !== '') return value;
  throw new Fault('input.invalid', `agent '${name}' needs the environment variable ${variable}, which is not set`);
}
