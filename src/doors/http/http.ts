/** The HTTP door of a site: JSON API, event streams, health and metrics; other doors are mounted on it. */
import { setMaxListeners } from 'node:events';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import {
  callable,
  checkOptions,
  type Clock,
  count,
  either,
  Fault,
  flag,
  holding,
  list,
  object,
  type Options,
  text,
  toFault,
} from '../../base/index.ts';
import { type CallName, callNamed, paths } from '../../model/wire/index.ts';
import { realClock } from '../../site/clock.ts';
import type { DoorPlan } from '../../site/faults/index.ts';
import type { Site } from '../../site/site.ts';
import {
  anyOf,
  checkWidth,
  createGuard,
  DEFAULT_HOST,
  type GivenToken,
  type Guard,
  type GuardEnv,
  type GuardOptions,
  isWide,
  type Limits,
  listen,
  type Listening,
  openTokenFile,
  problemResponse,
  tokenList,
  type TokenSource,
  withDoorFaults,
} from '../guard/index.ts';
import type { Desk } from './given.ts';
import { aboutHandlers } from './handlers/about.ts';
import { readingHandlers } from './handlers/reading.ts';
import { startingHandlers } from './handlers/starting.ts';
import { wordHandlers } from './handlers/words.ts';
import { createMetrics } from './metrics.ts';
import { addRoutes } from './routes.ts';

/** Another door under a path of this one, behind the same guard. */
export interface Mount {
  /** `/mcp`: it gets this path and all below. */
  path: `/${string}`;
  /** What tokens call it in their audience. */
  audience: string;
  app: Hono<GuardEnv>;
  /** Requests that need no token; the path is the whole one. */
  isOpen?: GuardOptions['isOpen'];
  challenge?: GuardOptions['challenge'];
  refuse?: GuardOptions['refuse'];
}

export interface HttpDoorOptions {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: a free one. */
  port?: number;
  /** Where the site's tokens are kept; made with a token for the operator if it is not there. */
  tokenFile?: string;
  /** Tokens that are given, instead of a file or besides it. */
  tokens?: readonly GivenToken[] | TokenSource;
  /** PEM texts. */
  tls?: { cert: string; key: string };
  /** Listen wider than loopback in the clear, because something in front of it speaks TLS. */
  allowWide?: boolean;
  /** Names that it is called by, besides the loopback's; origins of pages that may call it. */
  hosts?: readonly string[];
  origins?: readonly string[];
  /** Its public address, where that is another: an audience that tokens may be made for. */
  publicUrl?: string;
  limits?: Partial<Limits>;
  mounts?: readonly Mount[];
  /** What goes wrong on purpose with requests, of the doors mounted here too. */
  faults?: DoorPlan;
  /** What went wrong and is no caller's doing. */
  onTrouble?: (fault: Fault) => void;
  clock?: Clock;
}

export interface HttpDoor {
  app: Hono<GuardEnv>;
  guard: Guard;
  listen(): Promise<Listening>;
}

const OPTIONS: Options<HttpDoorOptions> = {
  host: text,
  port: count,
  tokenFile: text,
  tokens: either(list, object),
  tls: holding<{ cert: string; key: string }>({ cert: text, key: text }, 'cert', 'key'),
  allowWide: flag,
  hosts: list,
  origins: list,
  publicUrl: text,
  limits: object,
  mounts: list,
  faults: object,
  onTrouble: callable,
  clock: object,
};

export async function createHttpDoor(site: Site, options: HttpDoorOptions): Promise<HttpDoor> {
  checkOptions(options, OPTIONS, 'createHttpDoor');
  const { host = DEFAULT_HOST, mounts = [], publicUrl, clock = realClock } = options;
  await checkWidth(options);
  const metrics = createMetrics(site, () => guard);
  const mountOf = (path: string): Mount | undefined =>
    mounts.find((mount) => path === mount.path || path.startsWith(`${mount.path}/`));
  const base = publicUrl?.replace(/\/+$/, '');
  const own = ['http', ...(base === undefined ? [] : [base, `${base}/`])];
  const guard: Guard = createGuard({
    tokens: tokensOf(options, clock),
    audience: (path) => audienceOf(mountOf(path)),
    clock,
    limits: options.limits,
    hosts: options.hosts,
    origins: options.origins,
    isWide: await isWide(host),
    isOpen: (request) => OPEN.has(request.path) || mountOf(request.path)?.isOpen?.(request) === true,
    challenge: (c) => mountOf(c.req.path)?.challenge?.(c) ?? {},
    refuse: (fault, c) => mountOf(c.req.path)?.refuse?.(fault, c) ?? problemResponse(fault),
  });
  const onTrouble = options.onTrouble ?? (() => {});
  const desk: Desk = { site, guard, metrics, onTrouble };
  const app = new Hono<GuardEnv>();
  const closing = new AbortController();
  // Every stream that is open hears it.
  setMaxListeners(0, closing.signal);

  app.use('*', async (c, next) => {
    const startedMs = clock.monotonicMs();
    await next();
    metrics.answered(nameOf(c.req.method, c.req.path), c.res.status, clock.monotonicMs() - startedMs);
  });
  app.use('*', guard.middleware);
  for (const mount of mounts) app.route(mount.path, mount.app);
  addRoutes(
    app,
    { ...aboutHandlers(desk, clock), ...startingHandlers(desk), ...readingHandlers(desk), ...wordHandlers(desk) },
    { clock, closing: closing.signal },
  );
  app.notFound((c) => problemResponse(new Fault('not-found', `there is nothing at ${c.req.path.slice(0, 200)}`)));
  app.onError((thrown, c) => {
    const fault = toFault(thrown, 'internal');
    const response = problemResponse(fault);
    if (response.status >= 500 && fault.code !== 'overloaded') onTrouble(fault);
    const allow = c.res.headers.get('allow');
    if (allow !== null) response.headers.set('allow', allow);
    return response;
  });

  function audienceOf(mount: Mount | undefined): string[] {
    if (mount === undefined) return own;
    return [mount.audience, ...(base === undefined ? [] : [base + mount.path])];
  }

  return {
    app,
    guard,
    async listen() {
      const door = (path: string): string => mountOf(path)?.audience ?? 'http';
      const fetch = (request: Request, env: HttpBindings) => app.fetch(request, env);
      const { faults } = options;
      const listening = await listen(faults === undefined ? fetch : withDoorFaults(fetch, faults, door), options);
      const close = (): Promise<void> => {
        // Readers come back to whoever serves next; those who wait are told what there is.
        closing.abort();
        return listening.close();
      };
      return { ...listening, close };
    },
  };
}

const NAMES = Object.keys(paths) as CallName[];
const OPEN: ReadonlySet<string> = new Set(NAMES.filter((name) => callNamed(name).isOpen).map((name) => paths[name][1]));
const PATTERNS = NAMES.map((name) => {
  const [method, path] = paths[name];
  return { name, method, pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`) };
});

/** The call, for figures: never what a caller wrote. */
function nameOf(method: string, path: string): string {
  const wanted = method === 'HEAD' ? 'get' : method.toLowerCase();
  return PATTERNS.find((one) => one.method === wanted && one.pattern.test(path))?.name ?? 'other';
}

function tokensOf({ tokenFile, tokens }: HttpDoorOptions, clock: Clock): TokenSource {
  const sources: TokenSource[] = [];
  if (tokenFile !== undefined) sources.push(openTokenFile(tokenFile, clock));
  if (tokens !== undefined) sources.push(isList(tokens) ? tokenList(tokens) : tokens);
  if (sources.length === 0)
    throw new Fault('input.invalid', 'the HTTP door needs `tokenFile` or `tokens`: without one nobody could call it');
  return sources.length === 1 ? sources[0]! : anyOf(sources);
}

function isList(tokens: readonly GivenToken[] | TokenSource): tokens is readonly GivenToken[] {
  return Array.isArray(tokens);
}
