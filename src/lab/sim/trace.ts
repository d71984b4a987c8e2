/** What happened, as one running hash; the lines themselves only when somebody wants to read them. */

export interface Trace {
  say(line: string): void;
  hash(): string;
  readonly lines: readonly string[];
}

export function createTrace(keep: boolean, nowMs: () => number): Trace {
  const lines: string[] = [];
  let a = 0x811c9dc5;
  let b = 0x1b873593;

  function add(code: number): void {
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b) ^ (b >>> 13);
  }

  return {
    lines,
    say(text) {
      const at = nowMs();
      add(at | 0);
      for (let i = 0; i < text.length; i++) add(text.charCodeAt(i));
      if (keep) lines.push(`${String(Math.round(at)).padStart(7)} ${text}`);
    },
    hash: () => hex(a) + hex(b),
  };
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
