/** What the environment says over the file: for one machine, one container, one call. */
import { Fault } from '../../base/index.ts';

export interface Override {
  variable: string;
  /** Where in the configuration it stands. */
  place: readonly string[];
  kind: 'text' | 'number';
}

export const overrides: readonly Override[] = [
  { variable: 'SKEIN_STORE', place: ['store'], kind: 'text' },
  { variable: 'SKEIN_HTTP_HOST', place: ['http', 'host'], kind: 'text' },
  { variable: 'SKEIN_HTTP_PORT', place: ['http', 'port'], kind: 'number' },
  { variable: 'SKEIN_WORKER', place: ['worker', 'name'], kind: 'text' },
];

/** Names the file itself; see load.ts. */
export const CONFIG_VARIABLE = 'SKEIN_CONFIG';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The configuration with what the environment says put over it. An empty variable says nothing. */
export function overridden(config: Record<string, unknown>, environment: Environment): Record<string, unknown> {
  const result = { ...config };
  for (const { variable, place, kind } of overrides) {
    const text = environment[variable];
    if (text === undefined || text === '') continue;
    const value = kind === 'number' ? Number(text) : text;
    if (Number.isNaN(value)) throw new Fault('input.invalid', `${variable} is '${text}': it must be a number`);
    put(result, place, value);
  }
  return result;
}

function put(target: Record<string, unknown>, [first, ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    target[first!] = value;
    return;
  }
  const inner = target[first!];
  const copy = typeof inner === 'object' && inner !== null ? { ...(inner as Record<string, unknown>) } : {};
  target[first!] = copy;
  put(copy, rest, value);
}
