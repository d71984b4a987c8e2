/** How a provider's wire is spoken: from its request to what a brain reads, and from a thought back to its words. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Json } from '../../../base/index.ts';
import type { ChatRequest, Thought } from '../brain.ts';

export interface Asked {
  /** Where the path names it. */
  model?: string;
  /** Where the path says so. */
  stream?: boolean;
}

/** Pieces of a stream in the order they are sent. */
export interface Streamed {
  type: string;
  /** What is said; the last of it is held back where a stream is cut. */
  pieces: readonly Buffer[];
  /** How it ends. */
  end: readonly Buffer[];
  /** What is sent when the model falls over in the middle. */
  broken: Buffer;
  /** What means nothing, between two pieces; none where the wire has no such thing. */
  idle?: Buffer;
}

export interface Refusal {
  status: number;
  message: string;
  /** How long to wait. */
  afterMs?: number;
}

export interface Wire {
  readonly name: string;
  /** Undefined: this path is none of its own. */
  takes(path: string): Asked | undefined;
  read(body: Json, asked: Asked): ChatRequest;
  /** The key that was sent. */
  key(headers: IncomingHttpHeaders): string;
  answer(request: ChatRequest, thought: Thought): unknown;
  stream(request: ChatRequest, thought: Thought, pieceChars: number): Streamed;
  refusal(refusal: Refusal): { body: unknown; headers?: Record<string, string> };
}

export const DELAY_HEADER = 'retry-after-ms';

export function delayHeaders({ afterMs }: Refusal): Record<string, string> {
  return afterMs === undefined ? {} : { [DELAY_HEADER]: String(afterMs) };
}

/** By signs, not by bytes. */
export function piecesOf(text: string, size: number): string[] {
  const signs = Array.from(text);
  const found: string[] = [];
  for (let i = 0; i < signs.length; i += size) found.push(signs.slice(i, i + size).join(''));
  return found;
}

export function sse(value: unknown, event?: string): Buffer {
  return Buffer.from(`${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(value)}\n\n`);
}

/** A call's input as an object, for wires that have no other; what is no JSON is put into one. */
export function inputOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return { unparsed: text };
  }
}
