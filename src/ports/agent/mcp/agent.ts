/** An MCP server as an agent: its tools are skills; its resources and prompts are skills that read. */
import type { CallToolResult, Client, InputResponses, Tool } from '@modelcontextprotocol/client';
import { Fault, type Json } from '../../../base/index.ts';
import { hideSecrets, hideThrown } from '../hiding.ts';
import type { Agent, AgentCall, AgentReply, AgentSkill, Happened } from '../port.ts';
import { createUsedTokens, secretsOf, type UsedTokens } from '../secrets.ts';
import { createAsked } from './asked.ts';
import { createCalling } from './calling.ts';
import { createConnection, Unconnected } from './connection.ts';
import { argumentsOf, errorOf, outputOf } from './content.ts';
import { isStricter, skillOf } from './effects.ts';
import { faultFromMeta, faultOfCall, isBrokenOff, KEY_META_KEY, unreached } from './faults.ts';
import { createLending } from './lending.ts';
import { loadLibrary } from './library.ts';
import { CALL_TIMEOUT_MS, type McpAgentOptions } from './options.ts';
import { withoutPatterns } from './patterns.ts';
import { type Reading, readings } from './readings.ts';
import { createWayOut } from './way-out.ts';

/** A server may ask so often before one call is done; more is a circle. */
const MAX_ROUNDS = 8;
/** An undo or a question after a key is over by then. */
const ASIDE_MS = 30_000;

/** A kept connection that the server closes in the moment of its use: what only reads is asked again so often. */
const LEARN_TRIES = 3;

/** Some servers say back what they were given: what it is let in by is in nothing that it says. */
export async function createMcpAgent(options: McpAgentOptions): Promise<Agent> {
  const used = createUsedTokens();
  const { server, auth, secrets } = options;
  const given = 'url' in server ? Object.values(server.headers ?? {}) : secretsOf(server.env ?? {}, []);
  const hidden = (): string[] => [...given, ...used.all(), ...(secrets?.() ?? [])];
  const agent = await hideThrown(hidden, async () => open(options, used));
  return auth === undefined && hidden().length === 0 ? agent : hideSecrets(agent, hidden);
}

async function open(options: McpAgentOptions, used: UsedTokens): Promise<Agent> {
  const { name, annotations = 'take', nowMs = Date.now } = options;
  const words = new Map(options.skills?.map((word) => [word.name, word]));
  const library = await loadLibrary();
  const lending = options.sampling === undefined ? undefined : createLending(name, options.sampling);
  const asked = createAsked(lending === undefined ? options : { ...options, sample: lending.answer });
  const samples = lending !== undefined || options.sample !== undefined;
  const callTool = createCalling(name, library);
  const underWay = new Set<AgentCall>();
  const watchers = new Set<() => void>();
  let tools = new Map<string, Tool>();
  let skills: AgentSkill[] = [];
  let reads = new Map<string, Reading>();

  const connection = createConnection({
    library,
    agent: options,
    wayOut: createWayOut(options, used),
    capabilities: {
      elicitation: { form: { applyDefaults: true } },
      ...(samples ? { sampling: {} } : {}),
    },
    prepare(client) {
      client.setRequestHandler('elicitation/create', async ({ params }) => {
        const call = onlyOne();
        try {
          return asked.elicit(params, call);
        } catch (thrown) {
          // A1: told to cancel, a server gives the call up; what the call then comes to is this fault.
          if (call !== undefined) refused.set(call, thrown as Fault);
          return { action: 'cancel' };
        }
      });
      if (samples)
        client.setRequestHandler('sampling/createMessage', async ({ params }) => asked.sample(params, onlyOne()));
    },
    onTools: take,
  });
  const refused = new WeakMap<AgentCall, Fault>();

  function onlyOne(): AgentCall | undefined {
    return underWay.size === 1 ? [...underWay][0] : undefined;
  }

  function take(listed: readonly Tool[]): void {
    tools = new Map(listed.map((tool) => [tool.name, ofPlainShape(tool)]));
    const read = [...reads.values()].filter(({ skill }) => !tools.has(skill.name));
    skills = [
      ...Array.from(tools.values(), (tool) => skillOf(tool, words.get(tool.name), annotations)),
      ...read.map(({ skill }) => skill),
    ];
    for (const watcher of watchers) watcher();
  }

  async function learn(client: Client): Promise<void> {
    reads = readings(name, client);
    const can = client.getServerCapabilities();
    take(can?.tools === undefined ? [] : (await client.listTools(undefined, { timeout: ASIDE_MS })).tools);
  }

  async function answer(call: AgentCall): Promise<AgentReply> {
    const reading = reads.get(call.skill);
    if (reading !== undefined && !tools.has(call.skill)) {
      const output = await connection.use((client) => reading.read(client, call.input, call.signal));
      return { output };
    }
    const tool = tools.get(call.skill);
    if (tool === undefined) throw gone(call.skill);
    const now = skills.find((one) => one.name === call.skill)!;
    if (isStricter(now, call.effect))
      throw new Fault(
        'agent.refused',
        `'${call.skill}' at '${name}' was ${call.effect} when it was chosen and is declared ${now.effect} now`,
        { retry: 'elsewhere' },
      );
    const result = await exchange(call, tool);
    if (result.isError === true) {
      const stopped = refused.get(call);
      if (stopped !== undefined) throw stopped;
      throw (
        faultFromMeta(result._meta) ??
        new Fault('agent.failed', `'${call.skill}' at '${name}' failed: ${errorOf(result)}`)
      );
    }
    const stopped = refused.get(call);
    if (stopped !== undefined) throw stopped;
    return { output: outputOf(tool, result), cost: lending?.costOf(call) };
  }

  /** One call, with the rounds that it takes. */
  async function exchange(call: AgentCall, tool: Tool): Promise<CallToolResult> {
    const params = {
      name: tool.name,
      arguments: argumentsOf(tool, call.input),
      _meta: { [KEY_META_KEY]: call.key, ...(call.traceparent && { traceparent: call.traceparent }) },
    };
    let more: { inputResponses?: InputResponses; requestState?: string } = {};
    for (let round = 0; round <= MAX_ROUNDS; round++) {
      const given = await connection.use((client) => callTool(client, tool, { ...params, ...more }, limitsOf(call)));
      if (!library.isInputRequiredResult(given)) return given;
      more = { inputResponses: await asked.fulfil(given, call) };
      if (given.requestState !== undefined) more.requestState = given.requestState;
    }
    throw new Fault('agent.failed', `'${tool.name}' at '${name}' asked ${MAX_ROUNDS} times and was not done`);
  }

  function limitsOf(call: AgentCall) {
    const leftMs = call.deadlineMs === undefined ? CALL_TIMEOUT_MS : Math.max(1, call.deadlineMs - nowMs());
    return {
      signal: call.signal,
      timeout: leftMs,
      maxTotalTimeout: leftMs,
      onprogress: ({ message, progress, total }: { message?: string; progress: number; total?: number }) =>
        call.say?.(message ?? `${progress}${total === undefined ? '' : ` of ${total}`}`),
    };
  }

  function gone(skill: string): Fault {
    return new Fault('agent.refused', `the MCP server of '${name}' has no tool '${skill}' now`, { retry: 'elsewhere' });
  }

  async function work(call: AgentCall): Promise<AgentReply> {
    underWay.add(call);
    try {
      return await answer(call);
    } catch (thrown) {
      if (call.signal.aborted) {
        connection.doubt();
        throw call.signal.reason;
      }
      if (thrown instanceof Unconnected) throw unreached(name, thrown.cause ?? thrown);
      throw faultOfCall(name, call.skill, thrown, library);
    } finally {
      underWay.delete(call);
    }
  }

  /** A tool that another names, for what has to be done beside a call. */
  async function aside(tool: string, given: Record<string, Json | undefined>): Promise<Json | undefined> {
    const result = await connection.use(async (client) =>
      client.callTool(
        { name: tool, arguments: JSON.parse(JSON.stringify(given)) },
        { timeout: ASIDE_MS, toolDefinition: tools.get(tool) },
      ),
    );
    if (result.isError === true) throw new Fault('agent.failed', `'${tool}' at '${name}' failed: ${errorOf(result)}`);
    return outputOf(tools.get(tool), result);
  }

  async function learnAtLast(): Promise<void> {
    for (let tries = 1; ; tries++)
      try {
        return await connection.use(async (client) => learn(client));
      } catch (thrown) {
        if (tries >= LEARN_TRIES || !isBrokenOff(thrown, library)) throw thrown;
      }
  }

  try {
    await learnAtLast();
  } catch (thrown) {
    await connection.close();
    if (thrown instanceof Unconnected) throw unreached(name, thrown.cause ?? thrown);
    throw faultOfCall(name, 'tools/list', thrown, library);
  }
  const unknown = [...words.keys()].filter((word) => !skills.some((skill) => skill.name === word));
  if (unknown.length > 0) {
    await connection.close();
    const there = skills.map((skill) => skill.name).join(', ');
    throw new Fault(
      'input.invalid',
      `agent '${name}' declares the skill '${unknown[0]}', which its MCP server does not have; it has: ${there}`,
    );
  }

  const agent: Agent = {
    name,
    kind: 'mcp',
    description: options.description,
    limits: options.limits,
    get skills() {
      return skills;
    },
    call: work,
    borrows: lending !== undefined,
    bind: (desk) => lending?.bind(desk),
    onChange(call) {
      watchers.add(call);
      return () => watchers.delete(call);
    },
    close: () => connection.close(),
  };
  if (options.skills?.some((word) => word.reconcile !== undefined)) {
    agent.reconcile = async ({ skill, key, input }): Promise<Happened> => {
      const tool = words.get(skill)?.reconcile;
      if (tool === undefined) return { happened: undefined };
      const said = (await aside(tool, { key, input })) as { happened?: unknown; output?: unknown } | undefined;
      return { happened: typeof said?.happened === 'boolean' ? said.happened : undefined, output: said?.output };
    };
  }
  if (options.skills?.some((word) => word.undo !== undefined)) {
    agent.undo = async ({ skill, key, input, output }) => {
      const tool = words.get(skill)?.undo;
      if (tool === undefined) throw new Fault('agent.refused', `'${skill}' at '${name}' names no tool that undoes it`);
      await aside(tool, { key, input, output });
    };
  }
  return agent;
}

function ofPlainShape(tool: Tool): Tool {
  const { inputSchema, outputSchema } = tool;
  return { ...tool, inputSchema: withoutPatterns(inputSchema), outputSchema: withoutPatterns(outputSchema) };
}
