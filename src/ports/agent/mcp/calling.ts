/**
 * A tool's call by the library. On the 2025 wire it is asked for by its schema, as the library lets one ask for
 * anything: its own way for tools reads a schema in vain, and compiles the tool's, for each call.
 */
import type { CallToolResult, Client, InputRequiredResult, RequestOptions, Tool } from '@modelcontextprotocol/client';
import { Fault } from '../../../base/index.ts';
import type { McpLibrary } from './library.ts';

export interface ToolParams {
  name: string;
  arguments: Record<string, unknown>;
  _meta: Record<string, unknown>;
  [more: string]: unknown;
}

export type CallingTool = (
  client: Client,
  tool: Tool,
  params: ToolParams,
  how: RequestOptions,
) => Promise<CallToolResult | InputRequiredResult>;

type Check = ReturnType<McpLibrary['fromJsonSchema']>;

export function createCalling(name: string, library: McpLibrary): CallingTool {
  const { CallToolResult: result } = library.specTypeSchemas;
  const checks = new WeakMap<Tool, Check | 'none' | 'unreadable'>();

  function checkOf(tool: Tool): Check | 'none' | 'unreadable' {
    let check = checks.get(tool);
    if (check !== undefined) return check;
    if (tool.outputSchema === undefined) check = 'none';
    else
      try {
        check = library.fromJsonSchema(tool.outputSchema);
      } catch {
        check = 'unreadable';
      }
    checks.set(tool, check);
    return check;
  }

  return async (client, tool, params, how) => {
    const check = checkOf(tool);
    // The newer wire has headers for arguments, and a schema that nobody can read has its own refusal.
    if (check === 'unreadable' || client.getProtocolEra() !== 'legacy')
      return client.callTool(params, { ...how, toolDefinition: tool, allowInputRequired: true });
    const said = await client.request({ method: 'tools/call', params }, result, how);
    if (check === 'none' || said.isError === true) return said;
    if (said.structuredContent === undefined) throw otherwise(tool, 'it gave no structured content');
    const { issues } = await check['~standard'].validate(said.structuredContent);
    if (issues !== undefined) throw otherwise(tool, issues.map(({ message }) => message).join('; '));
    return said;
  };

  function otherwise({ name: tool }: Tool, why: string): Fault {
    return new Fault('output.invalid', `'${tool}' at '${name}' answered otherwise than it declares: ${why}`);
  }
}
