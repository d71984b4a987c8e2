/** A site, or its store alone, from a configuration. */
import { existsSync } from 'node:fs';
import { Fault } from '../../base/index.ts';
import { createApiEmbedder } from '../../ports/index/index.ts';
import type { Agent } from '../../ports/agent/index.ts';
import { openStore, type Store } from '../../ports/store/index.ts';
import { realClock } from '../clock.ts';
import type { Site, SiteOptions } from '../face.ts';
import { createInjector, type Injector } from '../faults/index.ts';
import { followKeptAgents } from '../registry/index.ts';
import { openSite } from '../site.ts';
import type { RoutingOptions } from '../route/index.ts';
import type { Settings } from './load.ts';
import { loadParts, openParts } from './parts.ts';

/** What the process says besides: what puts faults in. */
export interface OpeningOptions extends SiteOptions {
  /** Default: by the rules of the configuration. */
  injector?: Injector;
}

/** Puts the faults of the configuration in, where there are any: one for the site and its doors. */
export function injectorOf({ config: { faults } }: Pick<Settings, 'config'>): Injector | undefined {
  return faults === undefined ? undefined : createInjector(faults, realClock);
}

export async function openConfigured(settings: Settings, options: OpeningOptions = {}): Promise<Site> {
  const { injector = injectorOf(settings), ...over } = options;
  const { pushes } = over;
  const { worker } = settings.config;
  const parts = await loadParts(settings.config, settings.folder);
  const { workflows, functions } = parts;
  // Whoever only asks needs nobody who works.
  const agents = over.works === false ? [] : await openParts(parts, settings.folder, { pushes });
  const { faults, health, maxOpenRuns, retention } = settings.config;
  const given = over.store ?? settings.store;
  // Whoever only asks is not what is rehearsed.
  const spoils =
    over.works !== false && injector !== undefined && faults?.rules.some((rule) => rule.at === 'store') === true;
  // Only a store that is to go wrong is opened here: else the site opens its own.
  const opened = spoils && typeof given === 'string' ? await openStore(given) : undefined;
  const store = opened ?? given;
  const site = await openSite({
    health,
    maxOpenRuns,
    retention,
    routing: routingOf(settings.config.routing, process.env),
    worker: worker.name,
    durability: worker.durability,
    evictAfterMs: worker.evictAfterMs,
    snapshotEvents: worker.snapshotEvents,
    functions,
    ...over,
    store: spoils && typeof store !== 'string' ? injector.store(store) : store,
    workflows: [...workflows, ...(over.workflows ?? [])],
    agents: [...agents, ...(over.agents ?? [])].map((agent) => injector?.agent(agent) ?? agent),
  });
  const closing = opened === undefined ? site : closingToo(site, opened);
  return over.works === false ? closing : withKeptAgents(closing, settings, { ...options, injector });
}

export function routingOf(
  block: Settings['config']['routing'],
  environment: Readonly<Record<string, string | undefined>>,
): RoutingOptions | undefined {
  if (block === undefined) return undefined;
  const { embeddings, ...rest } = block;
  if (embeddings === undefined) return rest;
  const { keyEnv, ...api } = embeddings;
  const key = keyEnv === undefined ? undefined : environment[keyEnv];
  if (keyEnv !== undefined && key === undefined)
    throw new Fault('input.invalid', `routing.embeddings: the environment has no ${keyEnv}: set it to the API's key`);
  return { ...rest, embedder: createApiEmbedder({ ...api, key }) };
}

/** A store that the site did not open itself is closed with it. */
function closingToo(site: Site, store: Store): Site {
  return {
    ...site,
    async stop(how) {
      await site.stop(how);
      await store.close();
    },
  };
}

/** Also those that are declared while it runs. */
async function withKeptAgents(
  site: Site,
  { folder, config: { prices } }: Settings,
  { onTrouble, pushes, injector }: OpeningOptions,
): Promise<Site> {
  const { agents } = site;
  const add = (agent: Agent): void => agents.add(injector?.agent(agent) ?? agent);
  const following = await followKeptAgents({
    store: site.store,
    agents: { ...agents, add },
    clock: realClock,
    environment: { env: process.env, clock: realClock, folder, prices, pushes },
    onTrouble: (fault) => onTrouble?.(undefined, fault),
  });
  return {
    ...site,
    async stop(how) {
      await following.stop();
      await site.stop(how);
    },
  };
}

export function openSettingsStore({ store }: Pick<Settings, 'store'>): Promise<Store> {
  return openStore(store);
}

/** The store as it is: whoever only reads must not make an empty one where none was. */
export async function openExistingStore({ store }: Pick<Settings, 'store'>): Promise<Store> {
  if (store === 'memory:')
    throw new Fault('input.invalid', 'a store in memory ends with its process: nobody else can look at it');
  // Other addresses than paths are the store's to judge.
  const isFile = !/^[a-z][a-z0-9+.-]+:/i.test(store);
  if (isFile && !existsSync(store)) throw new Fault('not-found', `there is no store at ${store}`);
  return openStore(store);
}
