/**
 * Shelves at a site: a model with three thousand tools, whole and with a shelf. The model is a stand-in (src/lab/llm) that
 * calls the tool it needs when it is shown it, else looks for it once. What is sent is counted at its server.
 */
import { workflow } from '../../src/author/index.ts';
import type { Json } from '../../src/base/index.ts';
import { createSeededChance } from '../../src/base/index.ts';
import { type Brain, type ChatRequest, openLlmServer } from '../../src/lab/llm/index.ts';
import { functionAgent, openAgent, readAgentDeclaration } from '../../src/ports/agent/index.ts';
import { realClock } from '../../src/site/clock.ts';
import type { Tool } from '../../src/site/route/index.ts';
import { openSite } from '../../src/site/site.ts';

export interface ShelvedTurns {
  tools: number;
  /** Of the tasks, those whose tool was called; those where it had to be looked for. */
  done: number;
  lookedFor: number;
  /** Sent to the model for a task, over all of its turns: with a shelf, and with all tools at every turn. */
  tokensShelf: number;
  tokensAll: number;
}

export interface ToolTask {
  text: string;
  tool: string;
}

const TASKS = 40;
/** Of them worked without a shelf: each sends a megabyte. */
const TASKS_ALL = 5;
const CHARS_PER_TOKEN = 4;
const FIND = 'find_tools';

export async function measureTurns(tools: readonly Tool[], taskOf: (i: number) => ToolTask): Promise<ShelvedTurns> {
  const chance = createSeededChance('shelved-turns');
  const first = chance.int(1_000_000);
  const tasks = Array.from({ length: TASKS }, (_, i) => taskOf(first + i));
  const shelved = await workAll(tools, tasks);
  const all = await workAll(tools, tasks.slice(0, TASKS_ALL), { shelf: false, maxInputTokens: 10_000_000 });
  return {
    tools: tools.length,
    done: shelved.done / TASKS,
    lookedFor: shelved.lookedFor / TASKS,
    tokensShelf: shelved.tokens / TASKS,
    tokensAll: all.tokens / TASKS_ALL,
  };
}

async function workAll(tools: readonly Tool[], tasks: readonly ToolTask[], more: Record<string, Json> = {}) {
  let tokens = 0;
  let lookedFor = 0;
  const called = new Set<string>();
  const brain: Brain = (request) => {
    tokens += JSON.stringify([request.messages, request.tools]).length / CHARS_PER_TOKEN;
    const task = tasks.find(({ text }) =>
      JSON.stringify(request.messages).includes(JSON.stringify(text).slice(1, -1)),
    )!;
    return next(request, task, () => lookedFor++);
  };
  const server = await openLlmServer({ brain });
  const given = { name: 'clerk', llm: 'local/m', baseUrl: server.url, skills: [{ name: 'help' }], tools: ['@tools'] };
  const clerk = await openAgent(readAgentDeclaration({ ...given, ...more }), { env: {}, clock: realClock });
  const agent = functionAgent('tools', {
    skills: Object.fromEntries(tools.map(({ name }) => [name, () => void called.add(name)])),
  });
  const cards = new Map(tools.map((tool) => [tool.name, tool]));
  const skills = agent.skills.map((skill) => {
    const { description, input } = cards.get(skill.name)!;
    return { ...skill, description, input: input as Json };
  });
  const site = await openSite({ agents: [{ ...agent, skills }, clerk] });
  const flow = workflow('help', (run, text: string) => run.ask<string>('help', text));
  try {
    for (const { text } of tasks) await (await site.start(flow, text)).output();
  } finally {
    await site.stop({ graceMs: 0 });
    await server.close();
  }
  return { tokens, lookedFor, done: tasks.filter(({ tool }) => called.has(tool)).length };
}

function next(request: ChatRequest, { text, tool }: ToolTask, looks: () => void): ReturnType<Brain> {
  const calls = request.messages.flatMap((one) => one.tool_calls ?? []);
  const made = new Set(calls.map((call) => call.function.name));
  if (made.has(tool)) return { text: 'done' };
  const shown = new Set(request.tools?.map((one) => one.function.name));
  if (shown.has(tool)) return { calls: [{ name: tool, input: '{"id":"1"}' }] };
  if (made.has(FIND) || !shown.has(FIND)) return { text: 'there is no tool for that' };
  looks();
  // In other words than the task's: what it is to do, by the name it hopes for.
  return { calls: [{ name: FIND, input: JSON.stringify({ what: `${tool.replaceAll('_', ' ')}: ${text}` }) }] };
}
