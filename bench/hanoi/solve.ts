/** A workflow that moves a tower, each move agreed on by a panel in one turn of a loop. */
import { agreeAtOnce, leastLead, type LocalAgent } from '../../src/flow/index.ts';
import { workflow } from '../../src/index.ts';
import { apply, bestMove, firstTower, isDone, isLegal, pack, unpack } from './tower.ts';

/** What a turn carries; the journal has it for every move. */
export interface Turn {
  pegs: string;
  moves: number;
  answers: number;
  /** Answers that the check refused. */
  illegal: number;
  /** Answers that were legal and not chosen. */
  dissent: number;
  /** Moves that were not the best one. */
  wrong: number;
  /** Deliberations without a verdict, asked anew. */
  anew: number;
  /** The lead that was asked for. */
  k: number;
  /** The move, and how many of the votes were for it. */
  said: string;
}

export interface Tower {
  disks: number;
}

/** That all moves are right, as one wants it of the whole run. */
const TARGET = 0.95;
/** Until so many answers are in, agents are taken to be right nine times of ten. */
const FIRST_P = 0.9;
const FEW_ANSWERS = 2_000;
/** Measured again after so many moves. */
const MEASURE_EVERY = 256;
/** Deliberations for one move, before the run fails. */
const MOST_ANEW = 8;

export function hanoi(agents: readonly LocalAgent[], watch: (turn: Turn) => void) {
  return workflow<Tower, Turn>('hanoi', async (run, { disks }) => {
    const least = 2 ** disks - 1;
    const from: Turn = {
      pegs: pack(firstTower(disks)),
      moves: 0,
      answers: 0,
      illegal: 0,
      dissent: 0,
      wrong: 0,
      anew: 0,
      k: 0,
      said: '',
    };
    return run.loop('move', { from, until: (turn) => isDone(unpack(turn.pegs)) }, (before, _run, n) => {
      const turn = move(before, n, agents, least);
      watch(turn);
      return turn;
    });
  });
}

function move(before: Turn, n: number, agents: readonly LocalAgent[], least: number): Turn {
  const pegs = unpack(before.pegs);
  const turn = { ...before, moves: before.moves + 1, k: leadFor(before, least) };
  for (let again = 0; again < MOST_ANEW; again++) {
    const { answer, talk } = agreeAtOnce({ by: 'ahead', k: turn.k }, agents, [before.pegs, n, again], {
      check: (one) => isLegal(pegs, one as number),
    });
    turn.answers += talk.replies.length;
    let votes = 0;
    for (const reply of talk.replies) {
      if (reply.lost !== undefined) turn.illegal++;
      else if (reply.output === answer) votes++;
      else turn.dissent++;
    }
    if (answer === undefined) {
      turn.anew++;
      continue;
    }
    if (answer !== bestMove(pegs)) turn.wrong++;
    apply(pegs, answer as number);
    turn.pegs = pack(pegs);
    turn.said = `${answer as number}x${votes}/${talk.replies.length}`;
    return turn;
  }
  throw new Error(`no agreement on move ${turn.moves} after ${MOST_ANEW} deliberations`);
}

/** From what was measured so far: illegal and dissenting answers, with two standard errors on top. */
function leadFor({ answers, illegal, dissent, moves, k }: Turn, least: number): number {
  if (k > 0 && moves % MEASURE_EVERY !== 0) return k;
  if (answers < FEW_ANSWERS) return leastLead(FIRST_P, least, TARGET);
  const bad = illegal + dissent;
  const error = (bad + 2 * Math.sqrt(bad) + 2) / answers;
  return leastLead(1 - error, least, TARGET);
}
