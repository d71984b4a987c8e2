/** Tools that say what there is at the site: agents and workflows. */
import { z } from 'zod';
import { mayStart, needRight, READ_AGENTS } from '../access.ts';
import type { DoorTool } from '../tool.ts';
import { toolNameOf } from './start.ts';

const MAX_FOUND = 100;

const searchInput = z.strictObject({
  query: z.string().max(1_000).default('').describe('Words to look for in names and descriptions; empty = all.'),
  skill: z.string().max(200).optional().describe('Only agents that have this skill.'),
  limit: z.int().min(1).max(MAX_FOUND).default(20),
});

export const searchTool: DoorTool<z.infer<typeof searchInput>> = {
  name: 'search_agents',
  title: 'Search agents',
  description: 'Agents of this site whose name, skills or descriptions hold the words, best first.',
  input: searchInput,
  annotations: { readOnlyHint: true, openWorldHint: false },
  async work({ query, skill, limit }, _context, { site, by }) {
    needRight(by, READ_AGENTS);
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const found = site.agents
      .list()
      .filter((agent) => skill === undefined || agent.skills.some((one) => one.name === skill))
      .map((agent) => ({ agent, hits: hitsOf(JSON.stringify([agent.name, agent.description, agent.skills]), words) }))
      .filter(({ hits }) => words.length === 0 || hits > 0)
      .toSorted((a, b) => b.hits - a.hits);
    return {
      found: found.length,
      agents: found.slice(0, limit).map(({ agent }) => ({
        name: agent.name,
        kind: agent.kind ?? 'function',
        description: agent.description,
        skills: agent.skills,
      })),
    };
  },
};

function hitsOf(text: string, words: readonly string[]): number {
  const low = text.toLowerCase();
  return words.filter((word) => low.includes(word)).length;
}

export const workflowsTool: DoorTool<Record<string, never>> = {
  name: 'list_workflows',
  title: 'Workflows',
  description: 'The workflows that you may run here, each with the tool that runs it.',
  input: z.strictObject({}),
  annotations: { readOnlyHint: true, openWorldHint: false },
  async work(_given, _context, { site, by }) {
    const workflows = site
      .workflows()
      .filter((flow) => mayStart(by, flow.name))
      .map((flow) => ({
        name: flow.name,
        version: flow.version,
        goal: flow.plan?.goal,
        input: flow.plan?.input ?? (flow.input === undefined ? undefined : inputSchema(flow.input)),
        tool: toolNameOf(flow),
      }));
    return { workflows };
  },
};

function inputSchema(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' });
}
