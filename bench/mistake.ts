/** A flag or a file that cannot be measured with. */
export class Mistake extends Error {}

/** A flag's number, which must lie between these. */
export function numberIn(flag: string, text: string, least: number, most: number, whole = true): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  throw new Mistake(`${flag} is a ${whole ? 'whole number' : 'number'} from ${least} to ${most}, not '${text}'`);
}
