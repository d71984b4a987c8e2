/**
 * Agents as data: what a configuration, a store or a command line says of them.
 *
 * The kind is the member that is there: `llm`, `mcp`, `a2a` or `process`. Its adapter is loaded when the first
 * agent of the kind is opened, and no sooner.
 */
import { z } from 'zod';
import { type Clock, checkName, Fault, toFault, nearest } from '../../base/index.ts';
import { amountShape, type EffectClass, EFFECT_CLASSES, meantIssues, membersAt } from '../../model/index.ts';
import { hideSecrets, hideThrown } from './hiding.ts';
import { type AgentKind, kinds } from './kinds.ts';
import type { Agent, AgentSkill, PushDesk } from './port.ts';
import { secretsOf } from './secrets.ts';

const amounts = z.strictObject({
  money: amountShape.optional(),
  tokens: amountShape.optional(),
  calls: amountShape.optional(),
  timeMs: amountShape.optional(),
});
const jsonSchema = z.record(z.string(), z.json());
const count = z.int().positive();
/** A declaration is kept and shown, and so are its addresses: no key belongs into one. */
const address = z
  .url({ protocol: /^https?$/ })
  .refine(
    (url) => new URL(url).username === '' && new URL(url).password === '',
    'holds credentials: name an environment variable that holds them (keyEnv, tokenEnv, headersEnv)',
  );

const skill = z.strictObject({
  name: z.string(),
  description: z.string().optional(),
  /** What a call may change outside. None declared = irreversible, for whatever is not ours. */
  effect: z.enum(EFFECT_CLASSES as [EffectClass, ...EffectClass[]]).optional(),
  /** It acts once for a key of ours, however often it is called. */
  keyed: z.boolean().optional(),
  /** The most one call costs. */
  price: amounts.optional(),
  /** It gives a sign of life (a piece of its answer, progress) at least this often; silence for longer ends the call. */
  beatMs: count.optional(),
  input: jsonSchema.optional(),
  output: jsonSchema.optional(),
  /** llm: what this skill is told before the input. */
  instructions: z.string().optional(),
});

const limits = z.strictObject({
  /** Calls open at one time. */
  atOnce: count.optional(),
  /** A call is given up after this long, whatever the step allows. */
  timeoutMs: count.optional(),
  /** Calls begun in any one minute. */
  perMinute: count.optional(),
});

const common = {
  name: z.string(),
  description: z.string().optional(),
  version: z.string().optional(),
  skills: z.array(skill).optional(),
  limits: limits.optional(),
};

/** Money for a million tokens, in the site's currency. */
export const tokenPriceShape = z.strictObject({
  input: amountShape,
  output: amountShape,
  cachedInput: amountShape.optional(),
  cacheWrite: amountShape.optional(),
});

const llm = z.strictObject({
  ...common,
  /** `provider/model`: `anthropic/claude-...`, `ollama/llama3.2`, `openai/gpt-...`. */
  llm: z.string().regex(/^[^/\s]+\/\S+$/, 'name it provider/model'),
  skills: z.array(skill).min(1, 'name at least one skill'),
  /** An OpenAI-compatible server, or another address of the provider's. */
  baseUrl: address.optional(),
  /** The name of the environment variable that holds the key, where it is not the provider's usual one. */
  keyEnv: z.string().optional(),
  instructions: z.string().optional(),
  /**
   * Skills of this site that the model may call: by name, `prefix*`, or `@agent` for all of an agent's. Each call is a
   * step of its own, with its own effect class.
   */
  tools: z.array(z.string().min(1)).optional(),
  /** Of many tools the model is shown so many at a time; false = always all. Default: of more than 24 it is shown 8. */
  shelf: z.union([z.literal(false), z.strictObject({ show: count })]).optional(),
  maxTurns: count.optional(),
  maxInputTokens: count.optional(),
  maxOutputTokens: count.optional(),
  temperature: z.number().min(0).optional(),
  tokenPrice: tokenPriceShape.optional(),
  /** `auto`: a schema is asked for in the provider's way; `prompt`: in words, for servers that know no other. */
  structured: z.enum(['auto', 'prompt']).optional(),
  /** False for a server that cannot. Default: it streams, and watchers read along. */
  stream: z.boolean().optional(),
  /** Passed to the provider as they are. */
  providerOptions: jsonSchema.optional(),
});

/** Of MCP servers, however they are reached. */
const mcpWords = {
  /** `take` (default): a tool's annotations say what it may change; `ignore`: only `skills` does. */
  annotations: z.enum(['take', 'ignore']).optional(),
  /** Default: the newest wire that both know. */
  revision: z.enum(['auto', '2025-11-25', '2026-07-28']).optional(),
  connectTimeoutMs: count.optional(),
  /** Who answers what the server would ask a model: a skill of this site that changes nothing. None = nobody. */
  sampling: z.strictObject({ skill: z.string(), maxTokens: count.optional(), maxCalls: count.optional() }).optional(),
  /** Skill to the tool that takes its work back; to the tool that tells whether a key was worked. */
  undo: z.record(z.string(), z.string()).optional(),
  reconcile: z.record(z.string(), z.string()).optional(),
};

const mcp = z.strictObject({
  ...common,
  mcp: z.union([
    z.strictObject({
      ...mcpWords,
      command: z.array(z.string()).min(1),
      env: z.record(z.string(), z.string()).optional(),
      /** Names of environment variables that are passed on; nothing else of ours is. */
      passEnv: z.array(z.string()).optional(),
      cwd: z.string().optional(),
    }),
    z.strictObject({
      ...mcpWords,
      url: address,
      /** Header name to the environment variable that holds its value. */
      headersEnv: z.record(z.string(), z.string()).optional(),
      /** The environment variable that holds a bearer token. */
      tokenEnv: z.string().optional(),
      /** OAuth by client credentials: discovery and tokens are the library's. */
      oauth: z
        .strictObject({
          clientId: z.string(),
          clientSecretEnv: z.string(),
          scope: z.string().optional(),
          /** Who may be shown the secret; default: the server's own origin. */
          issuer: address.optional(),
        })
        .optional(),
      /** Addresses inside that the server may lead to besides its own (OAuth). */
      allow: z.array(z.string()).optional(),
    }),
  ]),
});

const a2a = z.strictObject({
  ...common,
  /** Where its card is: a site (then the well-known path), or the card itself. */
  a2a: z.union([
    address,
    z.strictObject({
      url: address,
      /** The best first. Default: as its card has them. */
      bindings: z.array(z.enum(['JSONRPC', 'HTTP+JSON', 'GRPC'])).optional(),
      /** The public key that must have signed its card. */
      key: z.string().optional(),
      /** Other hosts that its card may lead to. */
      hosts: z.array(z.string()).optional(),
      /** Addresses inside that may be called besides the one named here. */
      allow: z.array(z.string()).optional(),
      /** Its list of tasks holds every task it ever took. */
      listsAll: z.boolean().optional(),
      /** It tells this site's A2A door when a task has changed, where it can; no stream is held open. */
      push: z.boolean().optional(),
      /** Skill to the skill that takes back what it did. */
      undo: z.record(z.string(), z.string()).optional(),
    }),
  ]),
  /** The environment variable that holds the token for it. */
  keyEnv: z.string().optional(),
});

const process = z.strictObject({
  ...common,
  /** A command and its arguments; it speaks JSON lines (docs/process-agents.md). */
  process: z.array(z.string()).min(1),
  skills: z.array(skill).min(1, 'name at least one skill'),
  cwd: z.string().optional(),
  /** Names of environment variables that are passed on; nothing else of ours is. */
  passEnv: z.array(z.string()).optional(),
  env: z.record(z.string(), z.string()).optional(),
  /** Default no: its sandbox has no network. */
  network: z.boolean().optional(),
  /** Files and folders that it may read, beside its own folder and the system's. */
  reads: z.array(z.string()).optional(),
  /** Folders it may write to. */
  writes: z.array(z.string()).optional(),
  /** `auto`: bubblewrap where it is installed; `require`: refuse to run without; `none`: trust the command. */
  sandbox: z.enum(['auto', 'require', 'none']).optional(),
  memoryMb: count.optional(),
  cpuSeconds: count.optional(),
  maxOutputBytes: count.optional(),
});

/** One shape a kind. A kind's adapter reads its own. */
export const agentShapes = { llm, mcp, a2a, process } satisfies Record<AgentKind, z.ZodType>;

export type LlmDeclaration = z.infer<typeof llm>;
export type McpDeclaration = z.infer<typeof mcp>;
export type A2aDeclaration = z.infer<typeof a2a>;
export type ProcessDeclaration = z.infer<typeof process>;
export type TokenPrice = z.infer<typeof tokenPriceShape>;
export type AgentDeclaration = LlmDeclaration | McpDeclaration | A2aDeclaration | ProcessDeclaration;
export type SkillDeclaration = z.infer<typeof skill>;

/** What an adapter needs of the place it runs in. */
export interface AgentEnvironment {
  /** Environment variables: where keys come from. Never kept, never said. */
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  /** Relative paths start here. */
  folder?: string;
  /** What tokens cost, by `provider/model`: goes before the list that comes with Skein. */
  prices?: Readonly<Record<string, TokenPrice>>;
  /** Where agents may tell that a task has changed. */
  pushes?: PushDesk;
  /** Values that are named for this agent: in nothing that it says. */
  secrets?: () => readonly string[];
}

export function kindOf(declaration: AgentDeclaration): AgentKind {
  return (Object.keys(agentShapes) as AgentKind[]).find((kind) => kind in declaration)!;
}

/** What somebody wrote, checked. The first words of a complaint name the agent and the place. */
export function readAgentDeclaration(given: unknown): AgentDeclaration {
  const there = typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : {};
  const name = typeof there['name'] === 'string' ? `agent '${there['name']}'` : 'an agent';
  const found = (Object.keys(agentShapes) as AgentKind[]).filter((kind) => kind in there);
  if (found.length !== 1) {
    const what = found.length === 0 ? 'says of no kind that it is' : `says that it is ${found.join(' and ')}`;
    throw new Fault(
      'input.invalid',
      `${name} ${what}: give one of ${Object.keys(agentShapes).join(', ')}, as in { name, llm: 'provider/model', skills }`,
    );
  }
  const shape: z.ZodType<AgentDeclaration> = agentShapes[found[0]!];
  const read = shape.safeParse(given);
  if (!read.success) {
    const issues = read.error.issues
      .flatMap((one) => meantIssues(shape, one))
      .map((i) => `${i.path.map(String).join('.') || 'it'}: ${wordsOf(shape, i)}`);
    throw new Fault('input.invalid', `${name} is not declared well: ${issues.join('; ')}`);
  }
  checkName(read.data.name);
  return read.data;
}

function wordsOf(shape: z.ZodType, issue: z.core.$ZodIssue): string {
  if (issue.code !== 'unrecognized_keys') return issue.message;
  const known = membersAt(shape, issue.path);
  return issue.keys.map((key) => `'${key}' is no word here${nearest(key, known)}`).join(', ');
}

/** Opens all of them, or none: those that were open are closed again when one cannot be. */
export async function openAgents(given: readonly unknown[], environment: AgentEnvironment): Promise<Agent[]> {
  const declarations = given.map(readAgentDeclaration);
  const names = declarations.map((one) => one.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Fault('conflict', `two agents are named '${twice}'`);
  const opened = await Promise.allSettled(declarations.map((one) => openAgent(one, environment)));
  const agents = opened.filter((one) => one.status === 'fulfilled').map((one) => one.value);
  const failed = opened.find((one) => one.status === 'rejected');
  if (failed === undefined) return agents;
  await Promise.allSettled(agents.map(async (agent) => agent.close?.()));
  throw toFault(failed.reason, 'agent.failed');
}

export async function openAgent(declaration: AgentDeclaration, environment: AgentEnvironment): Promise<Agent> {
  const kind = kindOf(declaration);
  const load = kinds[kind];
  if (load === undefined) throw new Fault('agent.none', `agent '${declaration.name}': no adapter speaks ${kind} here`);
  const secrets = (): string[] => secretsFor(declaration, environment.env);
  const lent = { ...environment, secrets };
  const agent = await hideThrown(secrets, async () => (await load()).open(declaration as never, lent));
  // The others have more to hide than what is declared, and do it themselves.
  return kind !== 'process' || secrets().length === 0 ? agent : hideSecrets(agent, secrets);
}

/** Values of the variables that are named for this agent: its tokens and headers, and what is passed on and named like one. */
function secretsFor(declaration: AgentDeclaration, env: AgentEnvironment['env']): string[] {
  const names: (string | undefined)[] = [];
  let passed: Record<string, string | undefined> = {};
  const pass = ({ passEnv = [], env: given }: { passEnv?: string[]; env?: Record<string, string> }): void => {
    passed = { ...Object.fromEntries(passEnv.map((name) => [name, env[name]])), ...given };
  };
  if ('keyEnv' in declaration) names.push(declaration.keyEnv);
  if ('process' in declaration) pass(declaration);
  if ('mcp' in declaration && 'command' in declaration.mcp) pass(declaration.mcp);
  if ('mcp' in declaration && 'url' in declaration.mcp) {
    const { tokenEnv, headersEnv = {}, oauth } = declaration.mcp;
    names.push(tokenEnv, oauth?.clientSecretEnv, ...Object.values(headersEnv));
  }
  const named = names.map((name) => (name === undefined ? undefined : env[name]));
  return [...named, ...secretsOf(passed, [])].filter((value) => value !== undefined && value !== '') as string[];
}

/** A declared skill of somebody who is not ours: what says nothing of its effect counts as irreversible. */
export function foreignSkill(declared: SkillDeclaration): AgentSkill {
  const { instructions: _, effect, ...rest } = declared;
  return effect === undefined ? { ...rest, effect: 'irreversible', undeclared: true } : { ...rest, effect };
}
