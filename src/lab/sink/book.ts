/** What a sink has done, kept in a file before anybody is told: its own death loses nothing it did. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

export interface Deed {
  key: string;
  what: string;
  /** How often it took place, and was taken back. */
  done: number;
  undone: number;
}

export interface Book {
  deeds(): Deed[];
  find(key: string): Deed | undefined;
  do(key: string, what: string): void;
  undo(key: string): void;
  close(): void;
}

type Line = { do: string; what: string } | { undo: string };

export function openBook(file?: string): Book {
  const deeds = new Map<string, Deed>();
  const lines = file !== undefined && existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  for (const line of lines) if (line.endsWith('}')) take(JSON.parse(line) as Line);
  const out = file === undefined ? undefined : openSync(file, 'a');

  function take(line: Line): void {
    const key = 'do' in line ? line.do : line.undo;
    const deed = deeds.get(key) ?? { key, what: '', done: 0, undone: 0 };
    deeds.set(key, deed);
    if ('do' in line) {
      deed.what = line.what;
      deed.done++;
    } else deed.undone++;
  }

  function write(line: Line): void {
    if (out !== undefined) {
      writeSync(out, `${JSON.stringify(line)}\n`);
      fsyncSync(out);
    }
    take(line);
  }

  return {
    deeds: () => [...deeds.values()],
    find: (key) => deeds.get(key),
    do: (key, what) => write({ do: key, what }),
    undo: (key) => write({ undo: key }),
    close() {
      if (out !== undefined) closeSync(out);
    },
  };
}
