/**
 * Runs a protocol over what is known so far. The same function serves a run (replies out of its journal), a test and a
 * bench (replies from anywhere): the machine is made again from the start, so it holds nothing that a crash could lose.
 */
import type { Json } from '../../base/index.ts';
import type { AgreeSpec, Ask } from '../../model/index.ts';
import { createCamps } from './equality.ts';
import { MAX_ASKS, type Move, type Panel, type Protocol, type Reply } from './protocol.ts';

/** What came back for an ask; undefined = nothing yet. */
export interface Heard {
  output?: Json;
  /** What the user's equality made of the answer. */
  key?: string;
  lost?: string;
  passing?: boolean;
}

export interface Deliberation {
  asks: Ask[];
  replies: Reply[];
  /** The asks of the open round that nobody has answered yet. */
  waiting: number[];
  /** Set when nothing is waited for. */
  end?: Exclude<Move, { move: 'asks' }>;
}

/** Asks whose answer is a vote; the others are about answers. */
export function isAnswer(kind: Ask['kind']): boolean {
  return kind === 'answer' || kind === 'revise';
}

export function deliberate<S>(
  protocol: Protocol<S>,
  spec: AgreeSpec,
  panel: Panel,
  heard: (ask: number, one: Ask) => Heard | undefined,
): Deliberation {
  const { asks, replies, waiting }: Deliberation = { asks: [], replies: [], waiting: [] };
  const camps = createCamps(panel.equal);
  let state = protocol.start(spec, panel);
  for (;;) {
    const move = protocol.next(state);
    if (move.move !== 'asks') return { asks, replies, waiting, end: move };
    const first = asks.length;
    if (move.asks.length === 0 || first + move.asks.length > MAX_ASKS) {
      const why = move.asks.length === 0 ? 'it has nobody left to ask' : `it wants more than ${MAX_ASKS} asks`;
      return { asks, replies, waiting, end: { move: 'escalation', why, verdict: { margin: 0, votes: [] } } };
    }
    asks.push(...move.asks);
    const round = move.asks.map((ask, i) =>
      judgesItself(ask, asks) ? { lost: 'its own answer' } : heard(first + i, ask),
    );
    for (const [i, one] of round.entries()) if (one === undefined) waiting.push(first + i);
    if (waiting.length > 0) return { asks, replies, waiting };
    for (const [i, one] of round.entries()) {
      const { agent, kind, about } = move.asks[i]!;
      const reply: Reply = { ask: first + i, agent, kind };
      if (about !== undefined) reply.about = about;
      if (one!.lost !== undefined) {
        reply.lost = one!.lost;
        if (one!.passing === true) reply.passing = true;
      } else {
        reply.output = one!.output;
        if (isAnswer(kind)) {
          reply.camp = camps.place(one!.output, one!.key);
          if (reply.camp === undefined) reply.lost = 'it cannot be compared';
        }
      }
      replies.push(reply);
      state = protocol.heard(state, reply);
    }
  }
}

function judgesItself(ask: Ask, asks: readonly Ask[]): boolean {
  if (isAnswer(ask.kind)) return false;
  return ask.about?.some((n) => asks[n]?.agent === ask.agent) ?? false;
}
