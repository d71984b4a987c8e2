/** Who can work at this site. A run sees it only as journaled candidates. */
import { Fault } from '../base/index.ts';
import { type Candidate, MAX_CANDIDATES } from '../model/index.ts';
import type { Agent } from '../ports/agent/index.ts';

export interface AgentBook {
  add(agent: Agent): void;
  remove(name: string): void;
  get(name: string): Agent | undefined;
  list(): Agent[];
  /** Facts for a run: at most 16, the rest counted. The same object while nothing changes. */
  candidates(skill: string): { position: number; candidates: Candidate[]; refused?: Record<string, number> };
  setHealthy(name: string, healthy: boolean): void;
  onChange(call: (skills: string[]) => void): () => void;
}

type Facts = ReturnType<AgentBook['candidates']>;

/** `taken` hears of every agent before anybody can ask it. */
export function createAgentBook(first: readonly Agent[] = [], taken: (agent: Agent) => void = () => {}): AgentBook {
  const agents = new Map<string, Agent>();
  const stops = new Map<string, () => void>();
  const unhealthy = new Set<string>();
  const cache = new Map<string, Facts>();
  const watchers = new Set<(skills: string[]) => void>();
  let position = 0;

  function changed(agent: Agent): void {
    position++;
    cache.clear();
    const skills = agent.skills.map((s) => s.name);
    for (const watcher of watchers) watcher(skills);
  }

  function find(skill: string): Facts {
    const all: Candidate[] = [];
    for (const agent of agents.values()) {
      const card = agent.skills.find((s) => s.name === skill);
      if (card === undefined) continue;
      const candidate: Candidate = { agent: agent.name, effect: card.effect };
      if (card.undeclared) candidate.undeclared = true;
      if (card.keyed) candidate.keyed = true;
      if (agent.reconcile !== undefined) candidate.reconciles = true;
      if (agent.undo !== undefined && card.effect === 'reversible') candidate.undoes = true;
      if (card.price !== undefined) candidate.price = card.price;
      if (unhealthy.has(agent.name)) candidate.healthy = false;
      all.push(candidate);
    }
    all.sort((a, b) => Number(a.healthy === false) - Number(b.healthy === false));
    const rest = all.length - MAX_CANDIDATES;
    return {
      position,
      candidates: all.slice(0, MAX_CANDIDATES),
      refused: rest > 0 ? { 'not among the nearest': rest } : undefined,
    };
  }

  const book: AgentBook = {
    add(agent) {
      if (agents.has(agent.name)) throw new Fault('conflict', `an agent named '${agent.name}' is here already`);
      taken(agent);
      agents.set(agent.name, agent);
      const stop = agent.onChange?.(() => changed(agent));
      if (stop !== undefined) stops.set(agent.name, stop);
      changed(agent);
    },
    remove(name) {
      const agent = agents.get(name);
      if (agent === undefined) throw new Fault('not-found', `no agent is named '${name}'`);
      agents.delete(name);
      stops.get(name)?.();
      stops.delete(name);
      changed(agent);
    },
    get: (name) => agents.get(name),
    list: () => [...agents.values()],
    candidates(skill) {
      let facts = cache.get(skill);
      if (facts === undefined) {
        facts = find(skill);
        cache.set(skill, facts);
      }
      return facts;
    },
    setHealthy(name, healthy) {
      const agent = agents.get(name);
      if (agent === undefined || healthy === !unhealthy.has(name)) return;
      if (healthy) unhealthy.delete(name);
      else unhealthy.add(name);
      changed(agent);
    },
    onChange(call) {
      watchers.add(call);
      return () => watchers.delete(call);
    },
  };
  for (const agent of first) book.add(agent);
  return book;
}
