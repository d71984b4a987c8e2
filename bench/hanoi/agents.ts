/** Agents that know the way and slip at a rate; some slips hit all of them the same way. Simulated, and seeded. */
import type { Json } from '../../src/base/index.ts';
import type { LocalAgent } from '../../src/flow/index.ts';
import { bestMove, MOVES, unpack } from './tower.ts';

export interface Slips {
  /** Chance of a wrong move. */
  error: number;
  /** Share of the errors that hit every agent alike. */
  correlated: number;
  seed: number;
}

/** The question: position, turn, and how often it was asked anew. */
type Question = [pegs: string, turn: number, again: number];

export function slippingAgents(count: number, { error, correlated, seed }: Slips): LocalAgent[] {
  const shared = error * correlated;
  const own = error - shared;
  let known: { pegs: string; move: number } | undefined;
  return Array.from({ length: count }, (_, i) => ({
    name: `mover-${i}`,
    answer(question: Json, n: number): Json {
      const [pegs, turn, again] = question as Question;
      // All look at the same position: what is right is the same for all, and looked up once.
      if (known?.pegs !== pegs) known = { pegs, move: bestMove(unpack(pegs)) };
      const together = draw(seed, turn, again, 1_000_003);
      if (shared > 0 && together < shared) return wrong(known.move, together / shared);
      const alone = draw(seed, turn, again, n * 64 + i);
      return alone < own ? wrong(known.move, alone / own) : known.move;
    },
  }));
}

function wrong(right: number, share: number): number {
  const others = MOVES.filter((move) => move !== right);
  return others[Math.min(others.length - 1, Math.floor(share * others.length))]!;
}

/** A number in [0, 1) from what is asked: the same answer after a crash as before it. */
function draw(seed: number, turn: number, again: number, n: number): number {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(turn + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15) ^ Math.imul(n + 1, 0x27d4eb2f), 0x2c1b3c6d) ^ Math.imul(again + 1, 0x165667b1);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca77);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}
