/** Figures as a terminal of 100 columns shows them. */
export interface Column {
  title: string;
  width: number;
  right?: boolean;
}

export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    columns
      .map(({ width, right }, index) => {
        const cell = (cells[index] ?? '').slice(0, width);
        return right ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  const rule = columns.map(({ width }) => '-'.repeat(width)).join('  ');
  return [line(columns.map(({ title }) => title)), rule, ...rows.map(line)].join('\n');
}

const NONE = '-';

/** 812, 5.31k, 171k, 2.40M */
export function count(value: number | undefined): string {
  if (value === undefined) return NONE;
  const short = (scaled: number) => (scaled >= 100 ? scaled.toFixed(0) : scaled.toPrecision(3));
  if (value >= 999_500) return `${short(value / 1_000_000)}M`;
  if (value >= 1_000) return `${short(value / 1_000)}k`;
  return short(value);
}

export const millis = (value: number | undefined): string => (value === undefined ? NONE : value.toFixed(0));

export function times(value: number | undefined): string {
  if (value === undefined) return NONE;
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(value >= 0.1 ? 2 : 1)}x`;
}
