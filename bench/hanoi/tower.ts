/** The towers of Hanoi: pegs by disk, the smallest first, packed as a text of digits. */
export type Pegs = Uint8Array;

/** Peg from, peg to: 3 * from + to. */
export type MoveCode = number;

export const MOVES: readonly MoveCode[] = [1, 2, 3, 5, 6, 7];
export const GOAL = 2;

export function firstTower(disks: number): Pegs {
  return new Uint8Array(disks);
}

export function pack(pegs: Pegs): string {
  return String.fromCharCode(...pegs.map((peg) => 48 + peg));
}

export function unpack(text: string): Pegs {
  return Uint8Array.from(text, (digit) => digit.charCodeAt(0) - 48);
}

/** The smallest disk on a peg; none = the number of disks. */
export function topOf(pegs: Pegs, peg: number): number {
  const top = pegs.indexOf(peg);
  return top < 0 ? pegs.length : top;
}

export function isLegal(pegs: Pegs, move: MoveCode): boolean {
  const from = Math.floor(move / 3);
  const to = move % 3;
  if (from === to || from > 2) return false;
  const disk = topOf(pegs, from);
  return disk < pegs.length && disk < topOf(pegs, to);
}

export function apply(pegs: Pegs, move: MoveCode): void {
  pegs[topOf(pegs, Math.floor(move / 3))] = move % 3;
}

export function isDone(pegs: Pegs): boolean {
  return pegs.every((peg) => peg === GOAL);
}

/** The best move from any position: the largest disk out of place goes first, the smaller ones out of its way before. */
export function bestMove(pegs: Pegs): MoveCode {
  let target = GOAL;
  let move = 0;
  for (let disk = pegs.length - 1; disk >= 0; disk--) {
    const at = pegs[disk]!;
    if (at === target) continue;
    move = 3 * at + target;
    target = 3 - at - target;
  }
  return move;
}
