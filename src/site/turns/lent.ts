/** An agent that lets another answer for it: the question as a run of its own, journaled and billed like any other. */
import { z } from 'zod';
import { workflow } from '../../author/index.ts';
import { canonicalJson, Fault, hashText, type Json } from '../../base/index.ts';
import type { AgentCall, AgentReply } from '../../ports/agent/index.ts';
import type { Site } from '../face.ts';

const shape = z.object({ skill: z.string(), input: z.json() });

export const lentAsk = workflow('lent-ask', { version: '1', input: shape }, async (run, { skill, input }) =>
  run.ask(skill, input),
);

/** One run for a call's key and question, however often it is asked: what was answered is not asked again. */
export async function askLent(
  site: Pick<Site, 'start' | 'cancel'>,
  call: AgentCall,
  skill: string,
  input: Json,
): Promise<AgentReply> {
  const id = `lent_${hashText(`${call.key}|${skill}|${canonicalJson(input)}`).slice(0, 24)}`;
  const { money, tokens } = call.held ?? {};
  const handle = await site.start(
    lentAsk,
    { skill, input },
    {
      id,
      by: call.by,
      budget: money === undefined && tokens === undefined ? undefined : { money, tokens },
      labels: call.labels.length === 0 ? undefined : [...call.labels],
      goal: `${skill} for ${call.run} ${call.step}`,
    },
  );
  try {
    const { outcome, output, fault, spent } = await handle.result({ signal: call.signal });
    const cost = { money: spent.money, tokens: spent.tokens };
    if (outcome === 'completed') return { output, cost };
    return { fault: new Fault('agent.failed', `'${skill}' gave no answer: ${fault?.message ?? outcome}`), cost };
  } catch (thrown) {
    if (call.signal.aborted) await site.cancel(id, 'nobody wants the answer any more');
    throw thrown;
  }
}
