/** Colour, and text made to fit: what comes from agents must neither break a line nor speak to the terminal. */
import { stripVTControlCharacters, styleText } from 'node:util';
import type { Amounts } from '../../model/index.ts';

export type Colour = 'green' | 'red' | 'yellow' | 'cyan' | 'dim' | 'bold';
export type Paint = (colour: Colour, text: string) => string;

export function createPaint(colour: boolean): Paint {
  return colour ? (style, text) => styleText(style, text, { validateStream: false }) : (_style, text) => text;
}

/** One line without control characters. */
export function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}

/** How wide it stands: colours take no room, East Asian letters and pictures take two. */
export function widthOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  let width = 0;
  for (const sign of stripVTControlCharacters(text)) width += signWidth(sign);
  return width;
}

function signWidth(sign: string): number {
  if (NARROW.test(sign)) return 1;
  return WIDE.test(sign) ? 2 : ZERO.test(sign) ? 0 : 1;
}

const NARROW = /^[ -~]*$/;

const WIDE =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/u;
const ZERO = /\p{Mn}|\p{Me}|\p{Cf}|\p{Variation_Selector}/u;

/** Cut to this width, with a sign that it was. For text without colour. */
export function fit(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const sign of text) {
    used += signWidth(sign);
    if (used > width - 1) break;
    kept += sign;
  }
  return width < 1 ? '' : `${kept}…`;
}

export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Columns under one another; the last one is cut to what the width leaves. A cell may have colour. */
export function table(rows: readonly (readonly string[])[], width: number, gap = 2): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(0, ...rows.map((row) => widthOf(row[i] ?? ''))));
  return rows.map((row) => {
    let line = '';
    let used = 0;
    row.forEach((cell, i) => {
      const left = width - used;
      const isLast = i === row.length - 1;
      const text = widthOf(cell) > left ? fit(stripVTControlCharacters(cell), Math.max(0, left)) : cell;
      line += isLast ? text : padded(text, widths[i]! + gap);
      used += widths[i]! + gap;
    });
    return line.trimEnd();
  });
}

/** 950 ms, 3.2 s, 2 min 5 s, 3 h 2 min, 4 d. */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.floor(seconds);
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d`;
}

/** 0.02 money, 900 tokens: what is not nothing. */
export function amountsText(amounts: Amounts): string {
  return Object.entries(amounts)
    .filter(([, amount]) => amount !== undefined && amount !== 0)
    .map(([name, amount]) => `${Math.round(amount * 1e6) / 1e6} ${name}`)
    .join(', ');
}

/** A value in one line. */
export function brief(value: unknown, width = 60): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return fit(plain(text), width);
}

/** More of a value than this is for --json, or for a pipe. */
const VALUE_LINES = 40;

/** A value for a person: a text as it is, anything else as JSON over several lines. */
export function valueLines(value: unknown, width: number): string[] {
  const text = typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
  const lines = text.split('\n').flatMap((line) => wrapped(plain(line), width));
  if (lines.length <= VALUE_LINES || width === Infinity) return lines;
  return [...lines.slice(0, VALUE_LINES), `… ${lines.length - VALUE_LINES} lines more: --json has all`];
}

function wrapped(line: string, width: number): string[] {
  const lines: string[] = [];
  let rest = line;
  while (widthOf(rest) > width) {
    const space = rest.lastIndexOf(' ', width);
    const cut = space > width / 2 ? space : width;
    lines.push(rest.slice(0, cut));
    rest = rest.slice(cut).trimStart();
  }
  return [...lines, rest];
}

/** 1 workflow, 2 workflows. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
