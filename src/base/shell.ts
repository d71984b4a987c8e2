/** Words for a shell: ids come from whoever starts a run, and commands are shown to be copied. */

const BARE = /^[\w@%+=:,./#-]+$/;

/** One word, whatever it holds. */
export function shellWord(text: string): string {
  return BARE.test(text) && !text.startsWith('#') ? text : `'${inQuotes(text)}'`;
}

/** Text between single quotes. */
export function inQuotes(text: string): string {
  return text.replaceAll("'", `'\\''`);
}
