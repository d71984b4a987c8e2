/** A piece of the terminal that is drawn anew: only what changed moves, and what is left behind stays readable. */
import type { Terminal } from '../terminal.ts';

export interface Screen {
  /** Puts these lines where the last ones were. */
  draw(lines: readonly string[]): void;
  /** Leaves what is there and writes on below. */
  leave(): void;
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_LINE_END = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

export function createScreen(terminal: Terminal): Screen {
  let drawn = 0;
  let last = '';
  return {
    draw(lines) {
      const text = lines.map((line) => `${line}${CLEAR_LINE_END}\n`).join('');
      if (text === last) return;
      const up = drawn > 0 ? `\u001b[${drawn}A\r` : HIDE_CURSOR;
      terminal.out(up + text + CLEAR_BELOW);
      drawn = lines.length;
      last = text;
    },
    leave() {
      if (drawn > 0) terminal.out(SHOW_CURSOR);
      drawn = 0;
      last = '';
    },
  };
}
