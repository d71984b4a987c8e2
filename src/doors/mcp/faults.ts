/** Faults on the wire of MCP: what failed, why, what to do. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import { type Fault, faultTable, toFault } from '../../base/index.ts';

/** JSON-RPC errors are for calls that could not be made; what a call came to is a result, which the model reads. */
export function faultResult(thrown: unknown): CallToolResult {
  const fault = toFault(thrown, 'internal');
  const said = wordsOf(fault);
  return {
    isError: true,
    content: [{ type: 'text', text: `${said.code}: ${said.message}\n${said.todo}` }],
    structuredContent: { fault: said },
    // For another Skein, which knows what may be tried again.
    _meta: { 'dev.skein/fault': { code: said.code, message: said.message, afterMs: said.afterMs } },
  };
}

interface Said {
  code: string;
  message: string;
  todo: string;
  retry: string;
  afterMs?: number;
  [more: string]: unknown;
}

export function wordsOf(fault: Fault): Said {
  // What an unforeseen error says may hold anything: it is for the site's own log.
  const message = fault.code === 'internal' ? 'something unforeseen went wrong' : fault.message;
  return { code: fault.code, message, todo: faultTable[fault.code].todo, retry: fault.retry, afterMs: fault.afterMs };
}
