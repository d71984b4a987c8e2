/**
 * An agent's card: read by the safe way out, and believed only as far as its signature and its address go.
 *
 * C1  With a key given, a card that this key did not sign is refused: forged, changed or unsigned.
 * C2  A card may lead to the host it came from and to those that were named. One that was copied from elsewhere leads
 *     elsewhere, and our token would go with it. Nor does a token that was meant for TLS go in the clear.
 */
import { createPublicKey, verify } from 'node:crypto';
import type { AgentCard } from '@a2a-js/sdk';
import { Fault } from '../../../base/index.ts';
import type { Net } from '../../net/index.ts';
import type { A2aClientLibrary } from './library.ts';
import type { A2aAgentOptions } from './options.ts';

const WELL_KNOWN = '.well-known/agent-card.json';
/** A card is a page, not a book. */
const CARD_LIMITS = { maxBytes: 1024 * 1024, totalMs: 20_000, answerMs: 15_000 };

export async function readCard(options: A2aAgentOptions, net: Net, library: A2aClientLibrary): Promise<AgentCard> {
  const { name, url, key } = options;
  const where = cardUrl(url);
  const resolver = new library.client.DefaultAgentCardResolver({ legacyCompat: { enabled: true } });
  const answer = await net.fetch(where, {
    headers: { accept: 'application/json', 'a2a-version': '1.0' },
    limits: CARD_LIMITS,
  });
  if (!answer.ok) throw new Fault('agent.busy', `'${name}' gives no card at ${where}: HTTP ${answer.status}`);
  const json = await readJson(answer, name, where);
  if (key !== undefined && !isSigned(json, key, library))
    throw new Fault('agent.refused', `the card of '${name}' is not signed by the key that was named for it`);
  // A signature covers the card of 1.0, and nothing that only older clients would read.
  const card = key === undefined ? resolver.normalizeAgentCard(json) : library.types.AgentCard.fromJSON(json);
  if (!Array.isArray(card.supportedInterfaces) || card.supportedInterfaces.length === 0)
    throw new Fault('agent.refused', `what '${name}' gives at ${where} is no agent card: it names no address`);
  const own = new URL(where);
  for (const { url: at } of card.supportedInterfaces) checkWay(options, own, at);
  return card;
}

async function readJson(answer: Response, name: string, where: string): Promise<object> {
  try {
    const json: unknown = await answer.json();
    if (typeof json === 'object' && json !== null) return json;
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
  }
  throw new Fault('agent.refused', `what '${name}' gives at ${where} is no agent card`);
}

/** A site's address, or that of a card. */
export function cardUrl(url: string): string {
  if (new URL(url).pathname.endsWith('.json')) return url;
  return new URL(WELL_KNOWN, url.endsWith('/') ? url : `${url}/`).href;
}

function checkWay({ name, hosts = [], token }: A2aAgentOptions, { hostname: own, protocol }: URL, url: string): void {
  const hostname = hostOf(url);
  if (token !== undefined && protocol === 'https:' && hostname === own && /^http:/i.test(url))
    throw new Fault(
      'agent.refused',
      `the card of '${name}' came by https and leads to ${own} in the clear, where our token would be seen: its publisher has to name an https address`,
    );
  if (hostname === own || hosts.includes(hostname)) return;
  throw new Fault(
    'agent.refused',
    `the card of '${name}' came from ${own} and leads to ${hostname}: name that host in \`hosts\` if it is meant`,
  );
}

/** gRPC writes `host:port`. */
export function hostOf(url: string): string {
  const full = url.includes('://') ? url : `http://${url}`;
  if (!URL.canParse(full)) throw new Fault('agent.refused', `'${url}' in an agent card is no address`);
  return new URL(full).hostname;
}

/** One good signature by the key is enough; the key is the one we were told, never the one the card names. */
function isSigned(json: object, key: string, { types }: A2aClientLibrary): boolean {
  const payload = Buffer.from(types.canonicalizeAgentCard(json as AgentCard)).toString('base64url');
  const { signatures } = json as { signatures?: unknown };
  if (!Array.isArray(signatures)) return false;
  return (signatures as { protected: string; signature: string }[]).some(({ protected: header, signature }) => {
    try {
      const said = JSON.parse(Buffer.from(header, 'base64url').toString()) as { alg?: string; crit?: unknown };
      if ((said.alg !== 'EdDSA' && said.alg !== 'Ed25519') || said.crit !== undefined) return false;
      const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' });
      return verify(null, Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, 'base64url'));
    } catch {
      return false;
    }
  });
}
