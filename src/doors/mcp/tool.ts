/** What a tool of this door is, and how one is put before the library. */
import type { CallToolResult, InputRequiredResult, McpServer, ServerContext } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import { toFault } from '../../base/index.ts';
import type { Principal } from '../../model/index.ts';
import type { OpenGate } from '../../site/gates.ts';
import type { Site } from '../../site/site.ts';
import { faultResult } from './faults.ts';
import type { McpLibrary } from './library.ts';

export interface Surface {
  site: Site;
  by: Principal;
  library: McpLibrary;
  /** Seals what a host holds for us between two rounds of a call (2026). */
  state: StateSeal;
  /** Whether the host of this call can put a question to a person. */
  canElicit(context: ServerContext): boolean;
  onTrouble(thrown: unknown): void;
}

/** What a call was doing when it asked its host for input. */
export interface CallState {
  run: string;
  step: string;
  asks: OpenGate['asks'];
  /** The question has no form: it is answered in words. */
  inWords?: boolean;
  /** The event after which to go on telling. */
  seq: number;
}

export interface StateSeal {
  mint(state: CallState, context: ServerContext): Promise<string>;
}

export interface DoorTool<I> {
  name: string;
  title: string;
  description: string;
  input: z.ZodType<I>;
  annotations: { readOnlyHint: boolean; destructiveHint?: boolean; idempotentHint?: boolean; openWorldHint?: boolean };
  work(input: I, context: ServerContext, surface: Surface): Promise<unknown>;
}

export function addTool<I>(server: McpServer, tool: DoorTool<I>, surface: Surface): void {
  const { name, title, description, annotations } = tool;
  server.registerTool(
    name,
    { title, description, inputSchema: tool.input as z.ZodType<Record<string, unknown>>, annotations },
    (async (input: unknown, context: ServerContext): Promise<CallToolResult | InputRequiredResult> => {
      try {
        return asResult(await tool.work(input as I, context, surface), surface.library);
      } catch (thrown) {
        if (toFault(thrown, 'internal').code === 'internal') surface.onTrouble(thrown);
        return faultResult(thrown);
      }
    }) as never,
  );
}

function asResult(value: unknown, library: McpLibrary): CallToolResult | InputRequiredResult {
  if (library.isInputRequiredResult(value)) return value;
  const plain = JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
  return { content: [{ type: 'text', text: JSON.stringify(plain) }], structuredContent: plain };
}

/** The host's trace context, where it sends one: what is started stands under it. */
export function traceparentOf(context: ServerContext): string | undefined {
  const given = context.mcpReq._meta?.['traceparent'];
  return typeof given === 'string' ? given : undefined;
}

/** Tells the host how far a call is; nothing where it did not ask to be told. */
export function createProgress(context: ServerContext): (message: string) => Promise<void> {
  const progressToken = context.mcpReq._meta?.progressToken;
  let progress = 0;
  return async (message) => {
    if (progressToken === undefined) return;
    const params = { progressToken, progress: ++progress, message };
    // A host that has gone hears nothing; the run goes on.
    await context.mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {});
  };
}
