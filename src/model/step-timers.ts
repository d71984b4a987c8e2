/** Wake-ups that are a step's own, and end with it: `kind|step|rest`. */
const KINDS = ['retry', 'hedge', 'due'] as const;

export function isTimerOf(timer: string, step: string): boolean {
  return KINDS.some((kind) => timer.startsWith(`${kind}|${step}|`));
}
