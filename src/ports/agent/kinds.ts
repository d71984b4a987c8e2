/** Which adapter speaks for which kind of declared agent. Each is loaded when the first agent of its kind is opened. */
import type { AgentDeclaration, AgentEnvironment } from './declare.ts';
import type { Agent } from './port.ts';

export const AGENT_KINDS = ['llm', 'mcp', 'a2a', 'process'] as const;
export type AgentKind = (typeof AGENT_KINDS)[number];

type Declared<K extends AgentKind> = Extract<AgentDeclaration, Record<K, unknown>>;

/** What the index.ts of an adapter's room exports. */
export interface AgentAdapter<K extends AgentKind> {
  open(declaration: Declared<K>, environment: AgentEnvironment): Agent | Promise<Agent>;
}

/** An adapter's room adds its line here: `mcp: () => import('./mcp/index.ts')`. */
export const kinds: { [K in AgentKind]?: () => Promise<AgentAdapter<K>> } = {
  a2a: () => import('./a2a/index.ts'),
  llm: () => import('./llm/index.ts'),
  mcp: () => import('./mcp/index.ts'),
  process: () => import('./process/index.ts'),
};
