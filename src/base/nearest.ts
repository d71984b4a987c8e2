/** The name that a wrong one was probably meant to be, in words; nothing where none is near. */
export function nearest(name: string, names: Iterable<string>): string {
  const best = nearestName(name, names);
  return best === undefined ? '' : ` (did you mean '${best}'?)`;
}

/** Whoever slips more often meant another word. And a stranger's plan may be full of long names that are nearly alike. */
const MOST_SLIPS = 3;

export function nearestName(name: string, names: Iterable<string>): string | undefined {
  const given = name.toLowerCase();
  let best: string | undefined;
  // One slip in a short name, more in a long one.
  let least = (name.length < 3 ? 0 : Math.min(MOST_SLIPS, Math.max(1, Math.floor(name.length / 4)))) + 1;
  for (const other of names) {
    const far = distance(given, other.toLowerCase(), least);
    if (far < least) [least, best] = [far, other];
    else if (best === undefined && other.length > 1 && (name.startsWith(other) || other.startsWith(name))) best = other;
  }
  return best;
}

/**
 * How many letters are wrong, missing, too many, or changed about; `most`: so many or more. Of the table of all beginnings
 * of both only the cells near its diagonal are filled, the one of `a.length = i`, `b.length = i + k - most` at `k`.
 */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) >= most) return most;
  let older: number[] = [];
  let row = Array.from({ length: 2 * most + 1 }, (_, k) => (k < most ? most : k - most));
  for (let i = 1; i <= a.length; i++) {
    const next: number[] = [];
    let nearby = most;
    for (let k = 0; k <= 2 * most; k++) {
      const j = i + k - most;
      let least = most;
      if (j === 0) least = i;
      else if (j > 0 && j <= b.length) {
        const same = a[i - 1] === b[j - 1];
        least = Math.min((row[k + 1] ?? most) + 1, (next[k - 1] ?? most) + 1, row[k]! + (same ? 0 : 1));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, older[k]! + 1);
      }
      next.push(least);
      nearby = Math.min(nearby, least);
    }
    if (nearby >= most) return most;
    [older, row] = [row, next];
  }
  return Math.min(most, row[b.length - a.length + most]!);
}
