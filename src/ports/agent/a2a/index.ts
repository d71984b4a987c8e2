/** A2A agents as agents. */
import { Fault } from '../../../base/index.ts';
import type { A2aDeclaration, AgentEnvironment } from '../declare.ts';
import type { Agent } from '../port.ts';
import { createA2aAgent } from './agent.ts';
import type { A2aAgentOptions } from './options.ts';

export { createA2aAgent } from './agent.ts';
export type { A2aAgentOptions, A2aBinding, A2aSkillWord } from './options.ts';

export async function open(
  declaration: A2aDeclaration,
  { env, clock, pushes, secrets }: AgentEnvironment,
): Promise<Agent> {
  const { name, description, limits, keyEnv, a2a, skills = [] } = declaration;
  const more: Exclude<A2aDeclaration['a2a'], string> = typeof a2a === 'string' ? { url: a2a } : a2a;
  const { undo = {}, push = false, ...where } = more;
  const words = skills.map(({ name: skill, description: said, effect, keyed, price, beatMs }) => ({
    name: skill,
    description: said,
    effect,
    keyed,
    price,
    beatMs,
    undo: undo[skill],
  }));
  const options: A2aAgentOptions = {
    ...where,
    name,
    description,
    limits,
    skills: words,
    secrets,
    nowMs: () => clock.nowMs(),
    pushes: push ? pushes : undefined,
  };
  // Asked for at each request: a token that was renewed outside counts at once.
  if (keyEnv !== undefined) options.token = () => needed(name, env, keyEnv);
  return createA2aAgent(options);
}

/** The message names the variable, never what is in it. */
function needed(name: string, env: AgentEnvironment['env'], variable: string): string {
  const value = env[variable];
  if (value !== undefined && value !== '') return value;
  throw new Fault('input.invalid', `agent '${name}' needs the environment variable ${variable}, which is not set`);
}
