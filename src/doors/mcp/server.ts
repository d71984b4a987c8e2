/** What a site shows of itself by MCP, for one principal. */
import { randomBytes } from 'node:crypto';
import type { McpServer, ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { AnyWorkflow } from '../../author/index.ts';
import type { Principal } from '../../model/index.ts';
import type { Site } from '../../site/site.ts';
import { mayStart } from './access.ts';
import { addJournals } from './journal.ts';
import type { McpLibrary } from './library.ts';
import { addTool, type CallState, type DoorTool, type Surface } from './tool.ts';
import { answerTool, cancelTool, signalTool } from './tools/say.ts';
import { searchTool, workflowsTool } from './tools/search.ts';
import { startTool, toolNameOf, workflowTool } from './tools/start.ts';
import { getTool, listTool, watchTool } from './tools/watch.ts';

/** A person may take their time to answer: longer than any host keeps a call open. */
const STATE_SECONDS = 3_600;
const KEY_BYTES = 32;
/** Of what the door shows, not of the package. */
const VERSION = '1';
/** More tools than this are too many for a model to choose from: run_workflow runs any. */
export const MAX_WORKFLOW_TOOLS = 64;

const INSTRUCTIONS =
  'Skein runs swarms of agents; every run is a durable journal. Start one with run_workflow or its own run_ tool; a ' +
  'run goes on when nobody waits for it, and watch_run waits again. `waitsFor` says what a person must decide: put it ' +
  'to them, then answer_gate. The resource skein://runs/{run}/journal is the whole history of a run.';

export interface SiteServerOptions {
  site: Site;
  onTrouble?: (thrown: unknown) => void;
}

export type CreateSiteServer = (by: Principal, library: McpLibrary) => McpServer;

const tools = [
  startTool,
  watchTool,
  getTool,
  listTool,
  answerTool,
  signalTool,
  cancelTool,
  workflowsTool,
  searchTool,
] as DoorTool<never>[];

export function createSiteServers({ site, onTrouble = () => {} }: SiteServerOptions): CreateSiteServer {
  const key = randomBytes(KEY_BYTES);

  return (by, library) => {
    // A state that a host holds for one principal is refused from another.
    const codec = library.createRequestStateCodec<CallState>({
      key,
      ttlSeconds: STATE_SECONDS,
      bind: (context) => `${by.id}\0${context.mcpReq.method}`,
    });
    const server = new library.McpServer(
      { name: 'skein', title: 'Skein', version: VERSION },
      { instructions: INSTRUCTIONS, requestState: { verify: codec.verify } },
    );
    const surface: Surface = { site, by, library, state: codec, onTrouble, canElicit };
    for (const tool of tools) addTool(server, tool, surface);
    for (const flow of ownTools(site, by)) addTool(server, workflowTool(flow, objectInput(flow, library)), surface);
    addJournals(server, surface);
    return server;

    function canElicit(context: ServerContext): boolean {
      const envelope = context.mcpReq.envelope as Record<string, { elicitation?: unknown } | undefined> | undefined;
      const declared = envelope?.[library.CLIENT_CAPABILITIES_META_KEY] ?? server.server.getClientCapabilities();
      return declared?.elicitation !== undefined;
    }
  };
}

/** The newest version of each workflow that the principal may start and whose tool's name is free. */
function ownTools(site: Site, by: Principal): AnyWorkflow[] {
  const byName = new Map<string, AnyWorkflow>();
  const taken = new Set(tools.map((tool) => tool.name));
  for (const flow of site.workflows())
    if (mayStart(by, flow.name) && !taken.has(toolNameOf(flow))) byName.set(toolNameOf(flow), flow);
  return [...byName.values()].slice(0, MAX_WORKFLOW_TOOLS);
}

/**
 * The workflow's own input where it is an object, as a tool's must be. A member that it does not name is refused, unless
 * it says that there may be others: what a model made up would else be dropped without a word.
 */
function objectInput(flow: AnyWorkflow, library: McpLibrary): z.ZodType | undefined {
  const json = flow.plan?.input as { type?: unknown; properties?: unknown } | undefined;
  if (json?.type === 'object') {
    const strict = json.properties === undefined ? json : { additionalProperties: false, ...json };
    return library.fromJsonSchema(strict as never) as never;
  }
  const { input } = flow;
  if (!(input instanceof z.ZodObject)) return undefined;
  return input.def.catchall === undefined ? input.strict() : input;
}
