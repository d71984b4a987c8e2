/** A run, a step that must be there, or a fault that says how to find it. */
import { Fault, nearestName, shellWord } from '../../base/index.ts';
import type { Site } from '../../site/face.ts';
import { loadRun } from '../../site/load.ts';
import { stepsOf } from './reading.ts';

type Info = NonNullable<Awaited<ReturnType<Site['store']['info']>>>;

export async function mustBeThere(store: Site['store'], run: string): Promise<Info> {
  const info = await store.info(run);
  if (info !== null) return info;
  const alike = await store.list({ prefix: run, limit: 3 });
  const next =
    alike.length > 0
      ? `Did you mean ${alike.map(({ stream }) => stream).join(' or ')}?`
      : '`skein ps` lists the runs of this store.';
  throw new Fault('not-found', `there is no run ${run}`, { detail: { run, next } });
}

/** Words to a run are for the one that carries it on now: the last of its chain. */
export async function lastOfChain(store: Site['store'], run: string): Promise<Info> {
  let info = await mustBeThere(store, run);
  while (info.status === 'ended') {
    const { next } = (await loadRun(store, info.stream)).state;
    const after = next === undefined ? null : await store.info(next);
    if (after === null) break;
    info = after;
  }
  return info;
}

/** `to`: the last of its chain. */
export function carriedBy(run: string, to: string): string {
  return to === run ? run : `${to}, which carries on ${run}`;
}

export async function mustHaveSteps(store: Site['store'], run: string, ...named: readonly string[]): Promise<void> {
  if (named.length === 0) return;
  const steps = await stepsOf(store, run);
  for (const step of named) if (!steps.has(step)) throw noSuchStep(run, step, steps);
}

/** More names than these say nothing more. */
const MOST_NAMED = 3;

/** `all`: the ids of the steps that there are. */
export function noSuchStep(run: string, step: string, all: Iterable<string>): Fault {
  const names = [...all];
  const inside = names.filter((one) => one.includes(step)).slice(0, MOST_NAMED);
  const meant = nearestName(
    step,
    names.flatMap((id) => [id, id.slice(id.lastIndexOf('/') + 1)]),
  );
  const close = inside.length > 0 ? inside : names.filter((id) => id === meant || id.endsWith(`/${meant}`));
  const hint = close.length > 0 ? `Did you mean ${close.slice(0, MOST_NAMED).join(' or ')}? ` : '';
  const next =
    names.length === 0
      ? `It has no steps yet: skein show ${shellWord(run)}`
      : `${hint}Its steps: skein show ${shellWord(run)}`;
  return new Fault('not-found', `run ${run} has no step '${step}'`, { detail: { run, step, next } });
}
