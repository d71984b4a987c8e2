/** An agent that is simulated: it answers late and fails as often as it is told, the same way for the same seed. */
import { type Clock, createSeededChance, Fault, type Json } from '../../base/index.ts';
import type { Amounts, EffectClass } from '../../model/index.ts';
import { type Agent, type AgentCall, functionAgent, type FunctionSkill } from '../../ports/agent/index.ts';

export interface SeededSkill {
  /** The right answer: a function of the input, so that a run can be compared with another. */
  answer: (input: Json, call: AgentCall) => Json | Promise<Json>;
  effect?: EffectClass;
  keyed?: boolean;
  price?: Amounts;
  undo?: FunctionSkill['undo'];
  reconcile?: FunctionSkill['reconcile'];
  /** Share of calls that fail (`agent.failed`), are refused for now (`agent.busy`), or give no answer at all. */
  fails?: number;
  busy?: number;
  silent?: number;
  /** Share of answers that are `wrong(input)` instead. */
  errs?: number;
  wrong?: (input: Json) => Json;
  /** Between these, evenly. */
  latencyMs?: readonly [least: number, most: number];
}

export interface SeededAgentOptions {
  seed: number | string;
  /** Whose time passes while it works: the test site's. */
  clock: Clock;
  skills: Record<string, SeededSkill>;
}

/**
 * Each call draws by the seed, the agent's name, the step and the try, so the order of calls changes nothing.
 * A call that was made fails before it acts (`fails`, `busy`) or after (`silent`).
 */
export function seededAgent(name: string, { seed, clock, skills }: SeededAgentOptions): Agent {
  const made: Record<string, FunctionSkill> = {};
  for (const [skill, one] of Object.entries(skills)) {
    const { effect, keyed, price, undo, reconcile } = one;
    const run = async (input: Json, call: AgentCall): Promise<Json> => {
      const chance = createSeededChance(`${seed}/${name}/${call.run}/${call.step}/${call.attempt}`);
      const draw = chance.next();
      const [fails, busy, silent] = [one.fails ?? 0, one.busy ?? 0, one.silent ?? 0];
      const [least, most] = one.latencyMs ?? [0, 0];
      const tookMs = least + Math.round(chance.next() * (most - least));
      if (tookMs > 0) await new Promise<void>((resolve) => clock.after(tookMs, resolve));
      if (draw < fails) throw new Fault('agent.failed', `${name} failed at ${skill}, as its seed says`);
      if (draw < fails + busy) throw new Fault('agent.busy', `${name} is busy`, { afterMs: 10 });
      const isWrong = one.wrong !== undefined && chance.next() < (one.errs ?? 0);
      const answer = isWrong ? one.wrong!(input) : await one.answer(input, call);
      if (draw < fails + busy + silent) await new Promise<never>(() => {});
      return answer;
    };
    made[skill] = { effect, keyed, price, undo, reconcile, run };
  }
  return functionAgent(name, { skills: made });
}
