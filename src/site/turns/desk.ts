/** What a site lends to its agents: the cards of others, and runs for those that work in turns. */
import { Fault, hashText, type Json } from '../../base/index.ts';
import type { Agent, AgentCall, AgentDesk, AgentReply } from '../../ports/agent/index.ts';
import { modelOf } from '../../ports/agent/llm/answer.ts';
import type { AgentBook } from '../agents.ts';
import type { Site } from '../face.ts';
import type { Embedder } from '../../ports/index/index.ts';
import { askLent } from './lent.ts';
import { modelTurns, shelvedTurns, type TurnsTask } from './flow.ts';
import { createShelves } from './shelves.ts';

/** Nobody wants the answer any more. Else only this worker is done with it, and the run goes on elsewhere. */
const GIVEN_UP = new Set(['step.cancelled', 'step.timeout']);

/** It works in turns of its own at a site: the site must know the workflow. */
export function takesTurns(agent: Agent): boolean {
  return agent.companions?.some((one) => one.name === modelOf(agent.name)) ?? false;
}

export function createDesk(
  agents: () => AgentBook,
  site: () => Pick<Site, 'start' | 'cancel' | 'listen'>,
  embedder?: Embedder,
): AgentDesk {
  const shelves = createShelves(agents, embedder);

  async function takeTurns(call: AgentCall, agent: string, task: Json): Promise<AgentReply> {
    // One run for a key, however often it is asked for: what was answered in it is not asked again.
    const id = `turns_${hashText(`${call.key}|${agent}|${call.skill}`).slice(0, 24)}`;
    const { money, tokens } = call.held ?? {};
    const given = { ...(task as unknown as TurnsTask), agent };
    const handle = await site().start(given.shelf === undefined ? modelTurns : shelvedTurns, given, {
      id,
      by: call.by,
      budget: money === undefined && tokens === undefined ? undefined : { money, tokens },
      labels: call.labels.length === 0 ? undefined : [...call.labels],
      traceparent: call.traceparent,
      goal: `${agent}: ${call.skill} for ${call.run} ${call.step}`,
    });
    const { say, signal } = call;
    const stop = say === undefined ? undefined : site().listen(id, (piece) => say(piece.text));
    try {
      const { outcome, output, fault, spent } = await handle.result({ signal });
      const cost = { money: spent.money, tokens: spent.tokens };
      if (outcome === 'completed') return { output, cost };
      // What it did is journaled there; to begin anew elsewhere would be to do it twice.
      const retry = call.effect === 'pure' ? 'elsewhere' : 'never';
      const why = fault?.message ?? `the run of agent '${agent}' was ${outcome}`;
      const code =
        outcome === 'cancelled' ? 'agent.refused' : fault?.code === 'output.invalid' ? fault.code : 'step.failed';
      return { fault: new Fault(code, why, { retry, detail: { run: id, fault } }), cost };
    } catch (thrown) {
      const reason: unknown = signal.aborted ? signal.reason : undefined;
      if (reason instanceof Fault && GIVEN_UP.has(reason.code)) await site().cancel(id, reason.message);
      throw thrown;
    } finally {
      stop?.();
    }
  }

  return {
    skill(name) {
      for (const agent of agents().list()) {
        const card = agent.skills.find((one) => one.name === name);
        if (card !== undefined) return card;
      }
      return undefined;
    },
    takeTurns,
    tools: (agent, words) => shelves.cards(agent, words),
    findTools: (agent, words, wanted) => shelves.find(agent, words, wanted),
    ask: (call, skill, input) => askLent(site(), call, skill, input),
  };
}
