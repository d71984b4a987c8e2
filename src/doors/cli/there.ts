/** A run that must be there, or a fault that says how to find it. */
import { Fault } from '../../base/index.ts';
import type { Site } from '../../site/face.ts';

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
