import { describe, test } from 'vitest';
import { agentContract, type AgentLab } from '../../ports/agent/contract.ts';
import { createLlmAgent } from '../../ports/agent/llm/index.ts';
import { realClock } from '../../site/clock.ts';
import { firstText } from './brain.ts';
import { type LlmServer, openLlmServer } from './index.ts';

function said(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function createLab(): AgentLab {
  const servers: LlmServer[] = [];
  return {
    async open() {
      const server = await openLlmServer({
        brain: (request) => ({ text: JSON.stringify({ value: said(firstText(request)) }) }),
      });
      servers.push(server);
      // One model a skill, with the trouble that its name asks for.
      const agents = ['echo', 'fail:quota', 'fault:rate-limit', 'hang:hang'].map((model) => {
        const skills = [{ name: model.split(':')[0]!, output: {} }];
        const declaration = { name: 'model', llm: `local/${model}`, baseUrl: server.url, skills };
        return createLlmAgent(declaration, { env: {}, clock: realClock });
      });
      return {
        name: 'model',
        skills: agents.flatMap((agent) => agent.skills),
        call: (call) => agents.find((agent) => agent.skills[0]!.name === call.skill)!.call(call),
      };
    },
    async close() {
      for (const server of servers) await server.close();
    },
  };
}

describe('llm agent', () => {
  test.for(agentContract.filter((row) => row.needs === undefined))('$name', async (row) => {
    const lab = createLab();
    await row.run(lab);
    await lab.close();
  });
});
