/** What a power cut takes back: commits without a barrier since the last barrier (S4). */
import type { MemoryState, Stream } from './memory-state.ts';
import type { Waiting } from './memory-letters.ts';
import type { Append } from './port.ts';

export interface Power {
  /** Before an append that is not yet on the disk. */
  note(append: Append): void;
  /** A barrier: everything so far is on the disk. */
  settle(): void;
  /** The power goes: back to the last barrier. */
  cut(): void;
}

/** A stream as it was; `facts` null = it was not there. */
export interface Before {
  stream: string;
  facts: Omit<Stream, 'records' | 'letters'> | null;
  records: number;
  letters: ReadonlyMap<string, Waiting>;
  /** Records in the order of all appends. */
  logged: number;
}

export function createPower(state: MemoryState): Power {
  const befores: Before[] = [];
  return {
    note({ stream, send }) {
      befores.push(state.before(stream));
      if (send === undefined) return;
      for (const id of new Set(send.map((letter) => letter.to))) if (id !== stream) befores.push(state.before(id));
    },
    settle: () => void (befores.length = 0),
    cut() {
      for (const before of befores.splice(0).reverse()) state.putBack(before);
    },
  };
}
