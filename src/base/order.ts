/**
 * Puts a few in order in place, the greatest first, equals as they stand. For dozens that are nearly in order already this
 * is many times faster than `sort`, which asks back for every pair.
 */
export function greatestFirst<T>(few: T[], of: (one: T) => number): T[] {
  for (let i = 1; i < few.length; i++) {
    const one = few[i]!;
    const worth = of(one);
    let at = i;
    for (; at > 0 && of(few[at - 1]!) < worth; at--) few[at] = few[at - 1]!;
    few[at] = one;
  }
  return few;
}
