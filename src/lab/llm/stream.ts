/** The server's answer as a stream, well or badly. */
import type { ServerResponse } from 'node:http';
import type { Streamed } from './wires/wire.ts';
import type { LlmTrouble } from './trouble.ts';

export const PIECE_CHARS = 7;
/** Odd: so few bytes at a time that signs, lines and frames are split anywhere. */
const ODD_BYTES = 11;

export async function sendStream(
  response: ServerResponse,
  { type, pieces, end, broken, idle }: Streamed,
  trouble: LlmTrouble | undefined,
): Promise<void> {
  response.writeHead(200, { 'content-type': type });
  const odd = trouble === 'odd-stream';
  if (trouble === 'cut-stream') {
    // Without its last piece, and without an end.
    await write(response, pieces.slice(0, Math.max(1, pieces.length - 1)), false);
    return void response.destroy();
  }
  if (trouble === 'error-in-stream') await write(response, [...pieces.slice(0, 2), broken], false);
  else if (odd && idle !== undefined) await write(response, [pieces[0]!, idle, ...pieces.slice(1), ...end], true);
  else await write(response, [...pieces, ...end], odd);
  response.end();
}

async function write(response: ServerResponse, pieces: readonly Buffer[], odd: boolean): Promise<void> {
  const bytes = Buffer.concat(pieces);
  const step = odd ? ODD_BYTES : bytes.length;
  for (let at = 0; at < bytes.length; at += step) {
    response.write(bytes.subarray(at, at + step));
    await new Promise((next) => setImmediate(next));
  }
}
