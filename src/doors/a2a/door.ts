/** The A2A door of a site: cards, JSON-RPC and HTTP+JSON behind the guard, gRPC on a port of its own. */
import { createHash } from 'node:crypto';
import { type Context, Hono } from 'hono';
import type { Clock } from '../../base/index.ts';
import type { Principal } from '../../model/index.ts';
import type { Net } from '../../ports/net/index.ts';
import type { SiteKey } from '../../site/audit/index.ts';
import { createSecureChance } from '../../site/clock.ts';
import type { Pushes } from '../../site/pushes.ts';
import type { Site } from '../../site/site.ts';
import { type Guard, type GuardEnv, NOBODY } from '../guard/index.ts';
import { createAgents, type PublishedOptions } from './agents.ts';
import { createCards } from './card.ts';
import { createToA2aError } from './faults.ts';
import type { A2ARequestHandler } from '@a2a-js/sdk/server';
import { createHandler } from './handler.ts';
import { createJsonRpc } from './jsonrpc.ts';
import { type A2aLibrary, loadLibrary } from './library.ts';
import { createPushBook } from './push-book.ts';
import { createPushEntry } from './push-entry.ts';
import { createPushing } from './push.ts';
import { createRest } from './rest.ts';
import { createSending } from './send.ts';
import { createStand } from './stand.ts';
import { createTasks } from './tasks.ts';

export interface A2aDoorOptions {
  site: Site;
  clock: Clock;
  /** The way out for push notifications. */
  net: Net;
  /** What the site is called in its card. */
  name?: string;
  description?: string;
  /** Skein's own, or the swarm's. */
  version: string;
  provider?: { organization: string; url: string };
  documentationUrl?: string;
  /** The workflows that are shown. Default: all that are here. */
  publish?: readonly (string | PublishedOptions)[];
  /** Signs the cards. */
  key?: SiteKey;
  /** Takes what other agents tell of our tasks at them. Needs `key`. */
  pushes?: Pushes;
  /** Where it is kept who wants to be told of tasks; without it a restart forgets. */
  pushFile?: string;
  /** Who calls where no token is given. Only for doors that nobody else can reach. */
  anonymous?: Principal;
  onTrouble?: (thrown: unknown) => void;
}

export interface A2aDoor {
  /** Where each part stands behind a guard: the site's card at the well-known path, the rest under `/a2a`. */
  readonly mounts: readonly { path: `/${string}`; app: Hono<GuardEnv> }[];
  readonly library: A2aLibrary;
  readonly handler: A2ARequestHandler;
  /** Cards are read without a token. */
  isOpen(request: { method: string; path: string }): boolean;
  /** Where the door is reached, for its cards. Called once it listens. */
  open(where: { url: string; grpc?: string; guard: Guard }): void;
  close(): Promise<void>;
}

/** Agents of others tell here; who may is said by a token for the one task. */
const PUSHES = '/pushes';
const CARD = '/.well-known/agent-card.json';
const ROOT = '/a2a';
const AGENT_CARD = /^\/a2a\/agents\/[^/]+\/\.well-known\/agent-card\.json$/;
/** Clients of 0.3 look for their card under this address: they name no version when they ask for it. */
const OLD = '/a2a/v0.3';
/** Cards change when a workflow is published: rarely, and then soon known. */
const CARD_AGE_S = 60;

export async function createA2aDoor(options: A2aDoorOptions): Promise<A2aDoor> {
  const { site, clock, net, anonymous, onTrouble = () => {} } = options;
  const library = await loadLibrary();
  const chance = createSecureChance();
  let where: { url: string; grpc?: string; guard: Guard } | undefined;
  const agents = createAgents(site, options.publish);
  const stand = createStand(library);
  const tasks = createTasks(site, library);
  const cards = createCards({
    site,
    library,
    agents,
    name: options.name ?? 'skein',
    description: options.description ?? 'A swarm of agents; every task is a run with a journal.',
    version: options.version,
    provider: options.provider,
    documentationUrl: options.documentationUrl,
    key: options.key,
    places: () => ({ http: `${where?.url ?? ''}${ROOT}`, grpc: where?.grpc }),
    isOpen: anonymous !== undefined,
  });
  const book = createPushBook(options.pushFile);
  const pushing = createPushing({ library, book, tasks, net, clock, onTrouble });
  const isNameless = (by: Principal): boolean => by.id === anonymous?.id;
  const send = createSending({ site, library, agents, tasks, stand, clock, chance, isNameless });
  const toError = createToA2aError(library, onTrouble);
  const parts = { site, library, agents, cards, tasks, stand, send, book, pushing, net, clock, chance, toError };
  const handler = createHandler(parts);

  const callerOf = (c: Context<GuardEnv>): Principal => {
    const by = c.get('principal');
    return by === NOBODY && anonymous !== undefined ? anonymous : by;
  };
  const openStream = (c: Context<GuardEnv>): (() => void) => where?.guard.openStream(callerOf(c)) ?? (() => {});
  const binding = { library, handler, cards, callerOf, openStream };

  const since = new Date(clock.nowMs()).toUTCString();
  const app = new Hono<GuardEnv>();
  const showCard = async (c: Context<GuardEnv>, tenant: string): Promise<Response> => {
    try {
      const version = c.req.path.startsWith(OLD) ? '0.3' : (c.req.header(library.types.A2A_VERSION_HEADER) ?? '');
      const body = JSON.stringify(await cards.json(tenant, version));
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
      const headers = {
        etag,
        'cache-control': `public, max-age=${CARD_AGE_S}`,
        'last-modified': since,
        vary: library.types.A2A_VERSION_HEADER,
      };
      if (c.req.header('if-none-match') === etag) return new Response(null, { status: 304, headers });
      return new Response(body, { headers: { 'content-type': 'application/json', ...headers } });
    } catch (thrown) {
      const error = toError(thrown);
      const status = library.errors.restStatusFor(error);
      return c.json(library.errors.toRestErrorBody(error, status), status as 404);
    }
  };
  app.get(`${OLD.slice(ROOT.length)}${CARD}`, (c) => showCard(c, ''));
  app.get(`/agents/:agent${CARD}`, (c) => showCard(c, c.req.param('agent')));
  const jsonRpc = createJsonRpc(binding);
  // Clients that take the address for a folder add a slash.
  app.post('/jsonrpc', jsonRpc);
  app.post('/jsonrpc/', jsonRpc);
  app.route('/rest', createRest(binding));
  const { pushes, key } = options;
  if (pushes !== undefined)
    app.route(
      PUSHES,
      createPushEntry(pushes, (c) => where?.guard.admission.tokenRefused(c)),
    );

  const card = new Hono<GuardEnv>();
  card.get('/', (c) => showCard(c, ''));

  return {
    mounts: [
      { path: CARD, app: card },
      { path: ROOT, app },
    ],
    library,
    handler,
    isOpen: ({ method, path }) =>
      anonymous !== undefined ||
      (method === 'POST' && pushes !== undefined && path.startsWith(`${ROOT}${PUSHES}/`)) ||
      (method === 'GET' && (path === CARD || path === `${OLD}${CARD}` || AGENT_CARD.test(path))),
    open(given) {
      where = given;
      if (key !== undefined) pushes?.open(`${given.url}${ROOT}${PUSHES}`, key);
      for (const task of book.tasks()) pushing.tell({ id: task, contextId: book.of(task)[0]!.context });
    },
    async close() {
      await pushing.close();
    },
  };
}
