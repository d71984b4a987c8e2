/** The server's answer as server-sent events, well or badly. */
import type { ServerResponse } from 'node:http';
import { type ChatRequest, finishOf, type Thought, usageFor } from './brain.ts';
import type { LlmTrouble } from './trouble.ts';

const PIECE_CHARS = 7;

export async function streamAnswer(
  response: ServerResponse,
  body: ChatRequest,
  thought: Thought,
  trouble: LlmTrouble | undefined,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const odd = trouble === 'odd-stream';
  const chunk = (delta: unknown, finish: string | null = null, more: object = {}): string =>
    `data: ${JSON.stringify({ id: 'chat-1', object: 'chat.completion.chunk', created: 1, model: body.model, choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`;
  const lines: string[] = [chunk({ role: 'assistant', content: '' })];
  if (odd) lines.push(': keep-alive\n\n', chunk({}));
  for (const piece of pieces(thought.text ?? '', odd ? 1 : PIECE_CHARS)) lines.push(chunk({ content: piece }));
  for (const [index, call] of (thought.calls ?? []).entries()) {
    const id = `call_${body.messages.length}_${index}`;
    lines.push(chunk({ tool_calls: [{ index, id, type: 'function', function: { name: call.name, arguments: '' } }] }));
    for (const piece of pieces(call.input, PIECE_CHARS))
      lines.push(chunk({ tool_calls: [{ index, function: { arguments: piece } }] }));
  }
  if (trouble === 'cut-stream') {
    await write(response, lines.slice(0, Math.max(2, lines.length - 1)), odd);
    return void response.destroy();
  }
  if (trouble === 'error-in-stream') {
    await write(
      response,
      [...lines.slice(0, 2), `data: {"error":{"message":"the model fell over","type":"server_error"}}\n\n`],
      odd,
    );
    return void response.end();
  }
  lines.push(chunk({}, finishOf(thought)));
  lines.push(
    `data: ${JSON.stringify({ id: 'chat-1', object: 'chat.completion.chunk', created: 1, model: body.model, choices: [], usage: usageFor(body, thought) })}\n\n`,
  );
  lines.push('data: [DONE]\n\n');
  await write(response, lines, odd);
  response.end();
}

/** Odd: bytes at a time, so that signs and lines are split anywhere. */
async function write(response: ServerResponse, lines: string[], odd: boolean): Promise<void> {
  const bytes = Buffer.from(lines.join(''));
  const step = odd ? 11 : bytes.length;
  for (let at = 0; at < bytes.length; at += step) {
    response.write(bytes.subarray(at, at + step));
    await new Promise((next) => setImmediate(next));
  }
}

function pieces(text: string, size: number): string[] {
  const signs = Array.from(text);
  const found: string[] = [];
  for (let i = 0; i < signs.length; i += size) found.push(signs.slice(i, i + size).join(''));
  return found;
}
