/** Pages: as many items as were asked for, and never more bytes than one answer may hold. */

/** An answer is built in memory, and read by programs that do the same. */
export const PAGE_BYTES = 4 * 1_048_576;

/** What a value takes on the wire, about. */
export function bytesOf(value: unknown): number {
  return value === undefined ? 0 : JSON.stringify(value).length;
}

/** One page of a list in hand; the cursor is the name of the last item of the page before. */
export function pageOf<T, V>(
  all: readonly T[],
  nameOf: (item: T) => string,
  view: (item: T) => V,
  { limit, cursor }: { limit: number; cursor?: string },
): { items: V[]; next?: string } {
  // A cursor that is not there any more begins anew rather than end the list without a word.
  const from = cursor === undefined ? 0 : all.findIndex((item) => nameOf(item) === cursor) + 1;
  const items: V[] = [];
  let bytes = 0;
  for (const item of all.slice(from, from + limit)) {
    const shown = view(item);
    bytes += bytesOf(shown);
    if (bytes > PAGE_BYTES && items.length > 0) break;
    items.push(shown);
  }
  const end = from + items.length;
  return { items, next: items.length > 0 && end < all.length ? nameOf(all[end - 1]!) : undefined };
}
