/** An embedder over any API that speaks OpenAI's `POST /embeddings`: OpenAI itself, Ollama, vLLM, LM Studio and others. */
import { z } from 'zod';
import { errorText, Fault } from '../../base/index.ts';
import { unit } from './hashed.ts';
import type { Embedder } from './port.ts';

export interface ApiEmbedderOptions {
  /** Without `/embeddings`: `http://127.0.0.1:11434/v1`. */
  baseUrl: string;
  model: string;
  dims: number;
  /** Sent as a bearer token. */
  key?: string;
  timeoutMs?: number;
  /** Vectors kept of texts that were embedded lately. */
  keep?: number;
  fetch?: typeof fetch;
}

const TIMEOUT_MS = 10_000;
/** Texts in one request; APIs take at least so many. */
const AT_ONCE = 96;
const KEEP = 10_000;
/** An answer of vectors is never longer. */
const MAX_BYTES = 64 * 1024 * 1024;

const answer = z.object({ data: z.array(z.object({ embedding: z.array(z.number()), index: z.number().optional() })) });

export function createApiEmbedder(options: ApiEmbedderOptions): Embedder {
  const { model, dims, key, timeoutMs = TIMEOUT_MS, keep = KEEP, fetch: ask = fetch } = options;
  const url = `${options.baseUrl.replace(/\/+$/, '')}/embeddings`;
  const known = new Map<string, Float32Array>();

  async function request(texts: readonly string[], signal: AbortSignal | undefined): Promise<Float32Array[]> {
    const late = AbortSignal.timeout(timeoutMs);
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (key !== undefined) headers['authorization'] = `Bearer ${key}`;
    const body = JSON.stringify({ model, input: texts });
    let text: string;
    try {
      const both = signal === undefined ? late : AbortSignal.any([signal, late]);
      const response = await ask(url, { method: 'POST', headers, body, signal: both });
      text = await bounded(response);
      if (!response.ok) throw new Error(`it answered ${response.status}: ${text.slice(0, 200)}`);
    } catch (thrown) {
      signal?.throwIfAborted();
      const why = late.aborted ? `no answer in ${timeoutMs} ms` : errorText(thrown);
      throw new Fault('agent.failed', `embeddings at ${url}: ${why}`, { retry: 'same', cause: thrown });
    }
    return vectorsOf(text, texts.length);
  }

  function vectorsOf(text: string, wanted: number): Float32Array[] {
    const read = answer.safeParse(safeJson(text));
    if (!read.success || read.data.data.length !== wanted)
      throw new Fault('output.invalid', `embeddings at ${url}: not ${wanted} vectors`);
    const inOrder = read.data.data.toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0));
    return inOrder.map(({ embedding }) => {
      if (embedding.length !== dims)
        throw new Fault(
          'output.invalid',
          `embeddings at ${url}: '${model}' gives ${embedding.length} dimensions, not ${dims}: set \`dims\` to that`,
        );
      const vector = Float32Array.from(embedding);
      // What is no number in 32 bits would be nowhere, and near to nothing.
      if (!vector.every(Number.isFinite))
        throw new Fault('output.invalid', `embeddings at ${url}: a vector with a number that 32 bits cannot hold`);
      return unit(vector);
    });
  }

  return {
    name: `${model}@${options.baseUrl}`,
    dims,
    async embed(texts, { signal } = {}) {
      const missing = [...new Set(texts.filter((text) => !known.has(text)))];
      const found = new Map<string, Float32Array>();
      for (let i = 0; i < missing.length; i += AT_ONCE) {
        const some = missing.slice(i, i + AT_ONCE);
        const vectors = await request(some, signal);
        some.forEach((text, at) => found.set(text, vectors[at]!));
      }
      const result = texts.map((text) => found.get(text) ?? known.get(text)!);
      for (const [text, vector] of found) known.set(text, vector);
      for (const text of known.keys()) {
        if (known.size <= keep) break;
        known.delete(text);
      }
      return result;
    },
  };
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Its length is counted as it comes: what an answer says of its own length is only said. */
async function bounded(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.byteLength;
    if (bytes > MAX_BYTES) throw new Error('its answer is too long');
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}
