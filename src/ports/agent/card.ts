/** One description for every agent, whatever stands behind it: what listings, doors and searches show. */
import type { Json } from '../../base/index.ts';
import type { Amounts, EffectClass } from '../../model/index.ts';
import type { Agent, AgentLimits } from './port.ts';

export interface AgentCardSkill {
  name: string;
  description?: string;
  effect: EffectClass;
  /** Nobody said so: it counts as irreversible until its declaration names an effect class. */
  undeclared?: boolean;
  keyed?: boolean;
  /** Whether a key was worked can be asked, or what it did be undone. */
  reconciles?: boolean;
  undoes?: boolean;
  price?: Amounts;
  input?: Json;
  output?: Json;
}

export interface AgentCard {
  name: string;
  kind: string;
  description?: string;
  version: string;
  skills: AgentCardSkill[];
  limits?: AgentLimits;
}

/** Where an agent names no version. */
const FIRST_VERSION = '1';

export function cardOf(agent: Agent): AgentCard {
  const reconciles = agent.reconcile === undefined ? undefined : true;
  return {
    name: agent.name,
    kind: agent.kind ?? 'function',
    description: agent.description,
    version: agent.version ?? FIRST_VERSION,
    skills: agent.skills.map((skill) => ({
      ...skill,
      reconciles,
      undoes: agent.undo !== undefined && skill.effect === 'reversible' ? true : undefined,
    })),
    limits: agent.limits,
  };
}
