/** Reading a body within its limits, before anything parses it. */
import { Fault } from '../../base/index.ts';

/** The whole body, read at most as far as the limit. */
export async function readBody(request: Request, mostBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > mostBytes) throw tooLarge(mostBytes);
  if (request.body === null) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of request.body) {
    bytes += part.byteLength;
    if (bytes > mostBytes) throw tooLarge(mostBytes);
    parts.push(part);
  }
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

function tooLarge(mostBytes: number): Fault {
  return new Fault('input.too-large', `the body is longer than ${mostBytes} bytes`, { detail: { mostBytes } });
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Refuses deeper JSON by its brackets, without building any of it. */
export function checkDepth(text: Uint8Array, most: number): void {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const byte = text[i]!;
    if (byte === QUOTE) i = endOfString(text, i);
    else if (byte === 0x7b || byte === 0x5b) depth++;
    else if (byte === 0x7d || byte === 0x5d) depth--;
    if (depth > most)
      throw new Fault('input.too-large', `the JSON is nested deeper than ${most}`, { detail: { mostDepth: most } });
  }
}

function endOfString(text: Uint8Array, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === BACKSLASH) i++;
    else if (text[i] === QUOTE) return i;
  }
  return text.length;
}
