/**
 * Cascades that keep themselves going: work that A failed moves to B, which fails under it, and its work moves back
 * to A; or one agent whose retries are what keeps it down. Found from the ends of tries alone, named as a circle.
 *
 * M1  An edge a -> b counts tries at b of what a had just failed, and how many of those failed too; the past fades.
 * M2  A circle of edges, each with enough tries and mostly failing, is a cascade. It is told once, then counted anew.
 */
import type { Observation } from '../facts/index.ts';

export interface Cascade {
  skill: string;
  /** a fails b fails a: in the order in which the work goes round. One name = retries at one agent. */
  circle: string[];
}

/** `a -> b -> a` */
export function roundOf({ circle }: Pick<Cascade, 'circle'>): string {
  return [...circle, circle[0]].join(' -> ');
}

export interface CascadeOptions {
  /** The past counts half after this long. */
  halfMs?: number;
  /** Tries that an edge needs, and the share of failures among them. */
  least?: number;
  share?: number;
}

/** At the default breaker an agent alone is shut before this: what is found here goes round between several. */
const CASCADE: Required<CascadeOptions> = { halfMs: 30_000, least: 6, share: 0.7 };
/** Retries at one agent: so many times as many, and nearly all in vain. Two busy answers before a good one are none. */
const STORM = 4;
const STORM_SHARE = 0.9;
/** Steps whose last failure is remembered, and edges; the oldest go first. */
const MAX_STEPS = 10_000;
const MAX_EDGES = 10_000;
/** Longer circles are no longer one story. */
const MAX_CIRCLE = 8;

interface Edge {
  from: string;
  to: string;
  tries: number;
  failed: number;
  atMs: number;
}

export function createCascades(options: CascadeOptions = {}): { observed(seen: Observation): Cascade | undefined } {
  const { halfMs, least, share } = { ...CASCADE, ...options };
  const last = new Map<string, string>();
  const edges = new Map<string, Edge>();

  function count(skill: string, from: string, to: string, failed: boolean, atMs: number): void {
    const key = `${skill}\n${from}\n${to}`;
    const edge = edges.get(key) ?? { from, to, tries: 0, failed: 0, atMs };
    const faded = 0.5 ** (Math.max(0, atMs - edge.atMs) / halfMs);
    edges.delete(key);
    edges.set(key, {
      from,
      to,
      tries: edge.tries * faded + 1,
      failed: edge.failed * faded + (failed ? 1 : 0),
      atMs,
    });
    dropOldest(edges, MAX_EDGES);
  }

  /** To be asked again where it failed is what a fault may ask for: only a storm of it is more than that. */
  function isHot({ from, to, tries, failed }: Edge): boolean {
    return from === to
      ? tries >= STORM * least && failed >= STORM_SHARE * tries
      : tries >= least && failed >= share * tries;
  }

  function hotFrom(skill: string, from: string): Edge[] {
    const prefix = `${skill}\n${from}\n`;
    return [...edges].filter(([key, edge]) => key.startsWith(prefix) && isHot(edge)).map(([, edge]) => edge);
  }

  /** The shortest way back to where it began, over hot edges. */
  function circleFrom(skill: string, start: string): string[] | undefined {
    const ways: string[][] = [[start]];
    const seen = new Set<string>();
    for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
      for (const { to } of hotFrom(skill, way.at(-1)!)) {
        if (to === start) return way;
        if (seen.has(to) || way.length >= MAX_CIRCLE) continue;
        seen.add(to);
        ways.push([...way, to]);
      }
    }
    return undefined;
  }

  return {
    observed({ agent, skill, run, step, end, atMs }) {
      if (run === undefined || step === undefined || end === 'censored') return undefined;
      const place = `${run}\n${step}`;
      const before = last.get(place);
      last.delete(place);
      const failed = end === 'failed';
      if (before !== undefined) count(skill, before, agent, failed, atMs);
      if (!failed) return undefined;
      last.set(place, agent);
      dropOldest(last, MAX_STEPS);
      const circle = before === undefined ? undefined : circleFrom(skill, agent);
      if (circle === undefined) return undefined;
      for (const [key, edge] of edges)
        if (key.startsWith(`${skill}\n`) && circle.includes(edge.from) && circle.includes(edge.to)) edges.delete(key);
      return { skill, circle };
    },
  };
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  if (map.size <= most) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
