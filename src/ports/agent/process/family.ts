/** A process and all that it started, and how much memory they hold. Read from /proc; elsewhere nobody knows. */
import { readdirSync, readFileSync } from 'node:fs';

const PAGE_BYTES = 4096;
/** A process that starts more than this is counted so far. */
const MOST = 500;

/** The process first, then its descendants: read at once, for they are to be killed as they are now. */
export function familyOf(pid: number): number[] {
  const family = [pid];
  for (let i = 0; i < family.length && family.length < MOST; i++) {
    // A child is of the thread that started it.
    for (const thread of filesIn(`/proc/${family[i]}/task`))
      for (const child of readIfThere(`/proc/${family[i]}/task/${thread}/children`).split(' '))
        if (child.trim() !== '') family.push(Number(child));
  }
  return family;
}

/** Those that were started with this mark in their environment, wherever they stand by now. */
export function bearersOf(mark: string): number[] {
  const all = filesIn('/proc').filter((name) => /^\d+$/.test(name));
  return all.filter((pid) => readIfThere(`/proc/${pid}/environ`).includes(mark)).map(Number);
}

export function residentBytes(family: readonly number[]): number {
  let pages = 0;
  for (const pid of family) {
    const text = readIfThere(`/proc/${pid}/statm`);
    pages += Number(text.split(' ')[1] ?? 0) || 0;
  }
  return pages * PAGE_BYTES;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
