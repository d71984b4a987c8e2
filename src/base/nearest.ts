/** The name that a wrong one was probably meant to be, in words; nothing where none is near. */
export function nearest(name: string, names: Iterable<string>): string {
  const best = nearestName(name, names);
  return best === undefined ? '' : ` (did you mean '${best}'?)`;
}

export function nearestName(name: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  // One slip in a short name, more in a long one.
  let least = (name.length < 3 ? 0 : Math.max(1, Math.floor(name.length / 4))) + 1;
  for (const other of names) {
    const far = distance(name.toLowerCase(), other.toLowerCase());
    if (far < least) [least, best] = [far, other];
    else if (best === undefined && other.length > 1 && (name.startsWith(other) || other.startsWith(name))) best = other;
  }
  return best;
}

/** How many letters are wrong, missing, too many, or changed about. */
function distance(a: string, b: string): number {
  let older: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, older[j - 2]! + 1);
      next.push(least);
    }
    [older, row] = [row, next];
  }
  return row[b.length]!;
}
