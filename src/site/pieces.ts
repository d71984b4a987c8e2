/** Pieces of answers while they are made, for whoever reads along at this worker. Journaled is only the answer. */

export interface Piece {
  run: string;
  step: string;
  /** Which attempt at the step. */
  n: number;
  agent: string;
  text: string;
}

export interface Pieces {
  say(piece: Piece): void;
  listen(run: string, heard: (piece: Piece) => void): () => void;
}

export function createPieces(): Pieces {
  const listeners = new Map<string, Set<(piece: Piece) => void>>();
  return {
    say(piece) {
      for (const heard of listeners.get(piece.run) ?? []) {
        try {
          heard(piece);
        } catch {
          // Who reads along must not disturb who works.
        }
      }
    },
    listen(run, heard) {
      let those = listeners.get(run);
      if (those === undefined) listeners.set(run, (those = new Set()));
      those.add(heard);
      return () => {
        those.delete(heard);
        if (those.size === 0 && listeners.get(run) === those) listeners.delete(run);
      };
    },
  };
}
