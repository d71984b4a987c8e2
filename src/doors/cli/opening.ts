/** The network doors of a site, as its configuration has them. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorText, Fault, toFault } from '../../base/index.ts';
import type { Settings } from '../../site/config/index.ts';
import { realClock } from '../../site/clock.ts';
import type { DoorPlan } from '../../site/faults/index.ts';
import { createPushes, type Pushes } from '../../site/pushes.ts';
import type { Site } from '../../site/site.ts';
import { hasA2aLibrary } from '../a2a/index.ts';
import { createAgUiDoor } from '../agui/index.ts';
import { createHttpDoor, type Mount } from '../http/index.ts';
import { createIssuer } from '../guard/index.ts';
import {
  createMcpDoor,
  hasMcpLibrary,
  type McpDoor,
  METADATA_PATH,
  resourceChallenge,
  resourceMetadata,
} from '../mcp/index.ts';
import { openA2a } from './opening-a2a.ts';
import { tokenFileOf } from './token-place.ts';

export interface OpenDoors {
  /** Where the HTTP door listens. */
  url: string;
  tokenFile: string;
  close(): Promise<void>;
}

/** Undefined: the configuration has none. */
export async function openDoors(
  site: Site,
  settings: Settings,
  onTrouble: (fault: Fault) => void,
  /** Those that the site's agents were opened with. */
  pushes: Pushes = createPushes(),
  faults?: DoorPlan,
): Promise<OpenDoors | undefined> {
  const { http, mcp, a2a } = settings.config;
  if (http === false) return undefined;
  const { tls, oauth, ...rest } = http;
  const tokenFile = tokenFileOf(settings);
  const mounts: Mount[] = [];
  const closes: (() => Promise<void>)[] = [];
  if (mcp ?? (await hasMcpLibrary())) {
    const door = await createMcpDoor({ site, onTrouble: (thrown) => onTrouble(toFault(thrown, 'internal')) });
    mounts.push(...mcpMounts(door, http));
    closes.push(() => door.close());
  }
  const agUi = createAgUiDoor(site);
  mounts.push({ path: '/ag-ui', audience: 'ag-ui', app: agUi.app });
  const pem = tls && readTls(tls, settings.folder);
  const more =
    a2a === false || (a2a === undefined && !(await hasA2aLibrary()))
      ? undefined
      : await openA2a(site, { config: settings.config, tokenFile, tls: pem, pushes, onTrouble, faults });
  if (more !== undefined) {
    mounts.push(...more.mounts);
    closes.push(() => more.close());
  }
  const tokens = oauth && createIssuer({ ...oauth, clock: realClock });
  const own = { tls: pem, tokenFile, tokens, onTrouble, mounts, faults };
  const door = await createHttpDoor(site, { ...rest, ...own });
  agUi.open(door.guard);
  const listening = await door.listen();
  await more?.open(listening.url, door);
  return {
    url: listening.url,
    tokenFile,
    async close() {
      for (const close of closes) await close();
      await listening.close();
    },
  };
}

type Http = Exclude<Settings['config']['http'], false>;

/** With an authorization server, the door says where to ask for a token. */
function mcpMounts({ app }: McpDoor, { oauth, publicUrl }: Http): Mount[] {
  const mount: Mount = { path: '/mcp', audience: 'mcp', app };
  if (oauth === undefined) return [mount];
  if (publicUrl === undefined)
    throw new Fault('input.invalid', 'http.oauth needs http.publicUrl: tokens are made for an address');
  const resource = { url: new URL('/mcp', publicUrl).href, issuer: oauth.issuer, scopes: oauth.scopes };
  return [
    { ...mount, challenge: () => resourceChallenge(resource) },
    { path: METADATA_PATH, audience: 'mcp', app: resourceMetadata(resource), isOpen: () => true },
  ];
}

function readTls(files: { certFile: string; keyFile: string }, folder: string): { cert: string; key: string } {
  const read = (file: string): string => {
    try {
      return readFileSync(resolve(folder, file), 'utf8');
    } catch (thrown) {
      throw new Fault('input.invalid', `http.tls: ${file} cannot be read: ${errorText(thrown)}`);
    }
  };
  return { cert: read(files.certFile), key: read(files.keyFile) };
}
