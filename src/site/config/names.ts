/** Names in the configuration that nobody has: what is said of them would never hold, and nobody would see it. */
import { Fault, nearest } from '../../base/index.ts';
import type { Parts } from './parts.ts';
import type { CheckedConfig } from './schema.ts';

/** Nothing where no agents are configured: then it is not known who there will be. */
export function strangersIn({ routing, faults }: CheckedConfig, { agents, declared }: Parts): Fault[] {
  const all = [...agents, ...declared];
  if (all.length === 0) return [];
  const found: Fault[] = [];
  const look = (place: string, what: string, name: string, known: readonly string[]): void => {
    if (known.includes(name)) return;
    const next = `Mend the name; there are: ${known.join(', ')}. Who is only added to a running site is not known here.`;
    const message = `${place}: there is no ${what} '${name}'${nearest(name, known)}`;
    found.push(new Fault('input.invalid', message, { detail: { next } }));
  };
  const names = all.map(({ name }) => name);
  // Whoever is declared without skills tells them when it is opened.
  const skills = all.every((one) => one.skills !== undefined)
    ? all.flatMap((one) => one.skills!.map(({ name }) => name))
    : undefined;
  for (const [i, { skill, use = [], avoid = [] }] of (routing?.rules ?? []).entries()) {
    const place = `routing.rules.${i}`;
    if (skill !== undefined && skills !== undefined) look(`${place}.skill`, 'skill', skill, skills);
    for (const name of use) look(`${place}.use`, 'agent', name, names);
    for (const name of avoid) look(`${place}.avoid`, 'agent', name, names);
  }
  for (const [i, { at, of }] of (faults?.rules ?? []).entries())
    if (of !== undefined && (at === 'agents' || at === 'tools')) look(`faults.rules.${i}.of`, 'agent', of, names);
  return found;
}
