/** Who can work at this site. A run sees it only as journaled candidates. */
import { Fault } from '../base/index.ts';
import { type Candidate, MAX_CANDIDATES, NOT_NEAR, type SkillView, type TrustFigures } from '../model/index.ts';
import type { Agent, AgentSkill } from '../ports/agent/index.ts';
import { checkNumbers } from './agent-numbers.ts';
import { mustBeAgent } from './options.ts';

export interface Offer {
  agent: Agent;
  skill: AgentSkill;
}

export interface AgentBook {
  add(agent: Agent): void;
  remove(name: string): void;
  get(name: string): Agent | undefined;
  list(): Agent[];
  /** Facts for a run: at most 16, the rest counted. The same object while nothing changes. */
  candidates(skill: string): SkillView;
  /** Who offers the skill, healthy or not, in the order they came. */
  offers(skill: string): readonly Offer[];
  /** The same, of these agents only. */
  offersOf(skill: string, names: readonly string[]): Offer[];
  /** At this skill: an agent that is down is so at all of them. */
  isHealthy(name: string, skill?: string): boolean;
  setHealthy(name: string, healthy: boolean, skill?: string): void;
  /** From now on candidates carry what is believed of them. */
  believe(figures: (skill: string) => ReadonlyMap<string, TrustFigures>): void;
  trustIn(name: string, skill: string): TrustFigures | undefined;
  /** Hears of the agent that came, went or changed, and of its skills before and now. */
  onChange(call: (skills: string[], agent: string) => void): () => void;
}

/** `taken` hears of every agent before anybody can ask it. */
export function createAgentBook(first: readonly Agent[] = [], taken: (agent: Agent) => void = () => {}): AgentBook {
  const agents = new Map<string, Agent>();
  const stops = new Map<string, () => void>();
  const unhealthy = new Set<string>();
  const indexed = new Map<string, string[]>();
  const bySkill = new Map<string, Map<string, Offer>>();
  const lists = new Map<string, readonly Offer[]>();
  const cache = new Map<string, SkillView>();
  const watchers = new Set<(skills: string[], agent: string) => void>();
  let position = 0;
  let believed: ((skill: string) => ReadonlyMap<string, TrustFigures>) | undefined;

  /** Its skills may have changed, or it is gone: gives those of before and those of now. */
  function index(agent: Agent): string[] {
    const before = indexed.get(agent.name) ?? [];
    const now = agents.has(agent.name) ? agent.skills : [];
    for (const skill of before) {
      // What stays keeps its place: equal candidates stand in the order in which they came.
      if (now.some((one) => one.name === skill)) continue;
      const there = bySkill.get(skill);
      there?.delete(agent.name);
      if (there?.size === 0) bySkill.delete(skill);
    }
    for (const skill of now) {
      const there = bySkill.get(skill.name) ?? new Map<string, Offer>();
      bySkill.set(skill.name, there.set(agent.name, { agent, skill }));
    }
    const names = now.map((skill) => skill.name);
    if (names.length > 0) indexed.set(agent.name, names);
    else indexed.delete(agent.name);
    return [...new Set([...before, ...names])];
  }

  function changed(agent: Agent): void {
    position++;
    const skills = index(agent);
    for (const skill of skills) {
      cache.delete(skill);
      lists.delete(skill);
    }
    for (const watcher of watchers) watcher(skills, agent.name);
  }

  function offersOf(skill: string): readonly Offer[] {
    let offers = lists.get(skill);
    if (offers === undefined) lists.set(skill, (offers = [...(bySkill.get(skill)?.values() ?? [])]));
    return offers;
  }

  function find(skill: string): SkillView {
    const all = offersOf(skill).map((offer) =>
      candidateOf(offer, book.isHealthy(offer.agent.name, skill), book.trustIn(offer.agent.name, skill)),
    );
    all.sort((a, b) => Number(a.healthy === false) - Number(b.healthy === false));
    const rest = all.length - MAX_CANDIDATES;
    return {
      position,
      candidates: all.slice(0, MAX_CANDIDATES),
      refused: rest > 0 ? { [NOT_NEAR]: rest } : undefined,
      more: rest > 0 ? rest : undefined,
    };
  }

  const book: AgentBook = {
    add(agent) {
      mustBeAgent(agent);
      checkNumbers(agent);
      if (agents.has(agent.name)) throw new Fault('conflict', `an agent named '${agent.name}' is here already`);
      taken(agent);
      agents.set(agent.name, agent);
      const stop = agent.onChange?.(() => changed(agent));
      if (stop !== undefined) stops.set(agent.name, stop);
      changed(agent);
      for (const companion of agent.companions ?? []) book.add(companion);
    },
    remove(name) {
      const agent = agents.get(name);
      if (agent === undefined) throw new Fault('not-found', `no agent is named '${name}'`);
      agents.delete(name);
      stops.get(name)?.();
      stops.delete(name);
      changed(agent);
      for (const companion of agent.companions ?? []) book.remove(companion.name);
    },
    get: (name) => agents.get(name),
    list: () => [...agents.values()],
    offers: offersOf,
    offersOf(skill, names) {
      const there = bySkill.get(skill);
      return names.map((name) => there?.get(name)).filter((offer) => offer !== undefined);
    },
    isHealthy: (name, skill) =>
      unhealthy.size === 0 || (!unhealthy.has(name) && (skill === undefined || !unhealthy.has(`${name}\n${skill}`))),
    candidates(skill) {
      let facts = cache.get(skill);
      if (facts === undefined) {
        facts = find(skill);
        cache.set(skill, facts);
      }
      return facts;
    },
    setHealthy(name, healthy, skill) {
      const agent = agents.get(name);
      const key = skill === undefined ? name : `${name}\n${skill}`;
      if (agent === undefined || healthy === !unhealthy.has(key)) return;
      if (healthy) unhealthy.delete(key);
      else unhealthy.add(key);
      changed(agent);
    },
    believe(figures) {
      believed = figures;
      position++;
      cache.clear();
    },
    trustIn: (name, skill) => believed?.(skill).get(name),
    onChange(call) {
      watchers.add(call);
      return () => watchers.delete(call);
    },
  };
  for (const agent of first) book.add(agent);
  return book;
}

/** What its card says, as a run sees it. */
export function candidateOf({ agent, skill }: Offer, healthy: boolean, trust?: TrustFigures): Candidate {
  const candidate: Candidate = { agent: agent.name, effect: skill.effect };
  if (trust !== undefined) candidate.trust = trust;
  if (skill.undeclared) candidate.undeclared = true;
  if (skill.keyed) candidate.keyed = true;
  if (agent.reconcile !== undefined) candidate.reconciles = true;
  if (agent.undo !== undefined && skill.effect === 'reversible') candidate.undoes = true;
  if (skill.price !== undefined) candidate.price = skill.price;
  if (!healthy) candidate.healthy = false;
  return candidate;
}
