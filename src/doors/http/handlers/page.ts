/** One page of a list in hand; the cursor is the name of the last item of the page before. */
export function pageOf<T>(
  all: readonly T[],
  nameOf: (item: T) => string,
  { limit, cursor }: { limit: number; cursor?: string },
): { items: T[]; next?: string } {
  // A cursor that is not there any more begins anew rather than end the list without a word.
  const from = cursor === undefined ? 0 : all.findIndex((item) => nameOf(item) === cursor) + 1;
  const items = all.slice(from, from + limit);
  const last = items.at(-1);
  return { items, next: last !== undefined && from + limit < all.length ? nameOf(last) : undefined };
}
