/** Values on their way in and out: a tool takes an object and gives content; a skill takes and gives any JSON. */
import type { CallToolResult, Tool } from '@modelcontextprotocol/client';
import { Fault, type Json } from '../../../base/index.ts';

type Schema = { properties?: Record<string, unknown>; required?: string[] } | undefined;

/** A value that is no object goes in as the tool's only argument. */
export function argumentsOf(tool: Tool, input: Json | undefined): Record<string, unknown> {
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input;
  const { properties = {}, required = [] } = (tool.inputSchema as Schema) ?? {};
  const names = Object.keys(properties);
  if (input === undefined && required.length === 0) return {};
  if (names.length === 1) return input === undefined ? {} : { [names[0]!]: input };
  throw new Fault(
    'agent.refused',
    `'${tool.name}' takes an object with ${names.join(', ') || 'no arguments'}; it was given ${whatIs(input)}`,
  );
}

function whatIs(input: Json | undefined): string {
  if (input === undefined || input === null) return 'nothing';
  return Array.isArray(input) ? 'a list' : `a ${typeof input}`;
}

/**
 * The structured content where there is some, else the text, else the content as it came. A server that had to wrap a
 * value in an object, because tools give objects, says so by an output schema with the one member `result`.
 */
export function outputOf(tool: Tool | undefined, result: CallToolResult): Json | undefined {
  const { structuredContent: structured, content } = result;
  if (structured !== undefined) {
    const wrapped = Object.keys((tool?.outputSchema as Schema)?.properties ?? {});
    const isWrapped = wrapped.length === 1 && wrapped[0] === 'result' && isObject(structured) && 'result' in structured;
    return (isWrapped ? structured['result'] : structured) as Json;
  }
  if (content.length === 0) return undefined;
  if (content.every((one) => one.type === 'text')) return content.map((one) => one.text).join('\n');
  return content as unknown as Json;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a failed call said. */
export function errorOf({ content }: CallToolResult): string {
  const MOST = 2_000;
  const text = content.map((one) => (one.type === 'text' ? one.text : `[${one.type}]`)).join('\n');
  return text.slice(0, MOST) || 'it gave no reason';
}
