/** The longest of the paths that begin at these names: `next` says what comes after one, `lengthOf` how long it is. */
export function longestPath(
  names: readonly string[],
  next: (name: string) => readonly string[],
  lengthOf: (name: string) => number,
): number {
  const ends = new Map<string, number>();
  const endOf = (name: string): number => {
    const known = ends.get(name);
    if (known !== undefined) return known;
    ends.set(name, 0);
    const end = lengthOf(name) + Math.max(0, ...next(name).map(endOf));
    ends.set(name, end);
    return end;
  };
  return Math.max(0, ...names.map(endOf));
}
