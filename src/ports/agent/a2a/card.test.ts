import { expect, test } from 'vitest';
import type { Net } from '../../net/index.ts';
import { readCard } from './card.ts';
import { loadLibrary } from './library.ts';

const library = await loadLibrary();

/** Whoever is asked for a card gives one that leads there. */
function leadingTo(url: string): Net {
  const card = {
    name: 'a',
    description: 'a',
    version: '1',
    supportedInterfaces: [{ url, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
    capabilities: {},
    skills: [],
    defaultInputModes: [],
    defaultOutputModes: [],
  };
  const fetch = async (): Promise<Response> => Response.json(card);
  return { fetch, dial: () => Promise.reject(new Error('nobody dials')), close() {} };
}

const token = (): string => 'a-token-of-ours';

test.for([
  ['https://a.example', 'https://a.example/rpc', token, undefined],
  ['https://a.example', 'http://a.example/rpc', token, 'in the clear'],
  ['https://a.example', 'HTTP://a.example:80/rpc', token, 'in the clear'],
  ['https://a.example', 'http://a.example/rpc', undefined, undefined],
  ['http://a.example', 'http://a.example/rpc', token, undefined],
  ['https://a.example', 'https://b.example/rpc', token, 'leads to b.example'],
] as const)('a card from %s that leads to %s', async ([url, at, given, refused]) => {
  const read = readCard({ name: 'a', url, token: given }, leadingTo(at), library);
  if (refused === undefined) expect((await read).supportedInterfaces[0]!.url).toBe(at);
  else await expect(read).rejects.toThrow(refused);
});
