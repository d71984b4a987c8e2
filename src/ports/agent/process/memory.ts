/** How much memory a process and all that it started hold. Read from /proc; elsewhere nobody knows. */
import { readFileSync } from 'node:fs';

const PAGE_BYTES = 4096;
/** A process that starts more than this is counted so far. */
const MOST = 500;

/** The process first, then its descendants: read at once, for they are to be killed as they are now. */
export function familyOf(pid: number): number[] {
  const family = [pid];
  for (let i = 0; i < family.length && family.length < MOST; i++) {
    const one = family[i]!;
    const text = readIfThere(`/proc/${one}/task/${one}/children`);
    for (const child of text.split(' ')) if (child.trim() !== '') family.push(Number(child));
  }
  return family;
}

export function residentBytes(family: readonly number[]): number {
  let pages = 0;
  for (const pid of family) {
    const text = readIfThere(`/proc/${pid}/statm`);
    pages += Number(text.split(' ')[1] ?? 0) || 0;
  }
  return pages * PAGE_BYTES;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
