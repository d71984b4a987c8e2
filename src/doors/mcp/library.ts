/** The protocol's own library: an optional peer, loaded when the door is opened. */
import { missingPackage } from '../../base/index.ts';

export type McpLibrary = typeof import('@modelcontextprotocol/server');
export type McpStdio = typeof import('@modelcontextprotocol/server/stdio');

export async function loadLibrary(): Promise<McpLibrary> {
  return await import('@modelcontextprotocol/server').catch(missing);
}

export async function loadStdio(): Promise<McpStdio> {
  return await import('@modelcontextprotocol/server/stdio').catch(missing);
}

/** Whether it is installed here. */
export async function hasMcpLibrary(): Promise<boolean> {
  return await import('@modelcontextprotocol/server').then(
    () => true,
    () => false,
  );
}

const missing = missingPackage('the MCP door', '@modelcontextprotocol/server');
