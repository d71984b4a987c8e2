/** Something wrong with a plan: where, what, and what to do. */
export type FindingCode =
  | 'syntax'
  | 'shape'
  | 'name'
  | 'duplicate'
  | 'cycle'
  | 'unknown-step'
  | 'unreachable'
  | 'expression'
  | 'not-before'
  | 'type'
  | 'skill'
  | 'nobody'
  | 'function'
  | 'workflow'
  | 'map-key'
  | 'loop-end'
  | 'race'
  | 'gate'
  | 'signal';

export interface Finding {
  code: FindingCode;
  /** `steps.cause.after[0]`, or '' for the whole. */
  place: string;
  message: string;
  todo?: string;
  /** Where the text is known. */
  line?: number;
  column?: number;
}

export type Report = (code: FindingCode, place: string, message: string, todo?: string) => void;

export function reporter(findings: Finding[]): Report {
  return (code, place, message, todo) => {
    findings.push(todo === undefined ? { code, place, message } : { code, place, message, todo });
  };
}

/** The name that a wrong one was probably meant to be. */
export function nearest(name: string, names: Iterable<string>): string {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const other of names) {
    const far = distance(name.toLowerCase(), other.toLowerCase(), least);
    if (far < least) [least, best] = [far, other];
  }
  return best === undefined ? '' : ` (did you mean '${best}'?)`;
}

function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) >= most) return most;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
