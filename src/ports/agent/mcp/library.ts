/** The protocol's own library: an optional peer, loaded when the first MCP agent is opened. */
import { missingPackage } from '../../../base/index.ts';

export type McpLibrary = typeof import('@modelcontextprotocol/client');
export type McpStdio = typeof import('@modelcontextprotocol/client/stdio');

export async function loadLibrary(): Promise<McpLibrary> {
  return await import('@modelcontextprotocol/client').catch(missing);
}

export async function loadStdio(): Promise<McpStdio> {
  return await import('@modelcontextprotocol/client/stdio').catch(missing);
}

const missing = missingPackage('an MCP agent', '@modelcontextprotocol/client');
