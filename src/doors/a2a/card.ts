/**
 * Cards: what the site says of itself and of each workflow it publishes. Signed with the site's key, whose public half
 * is the key's id: whoever knows the site knows whether the card is its own.
 */
import type { AgentCard, AgentInterface, AgentSkill } from '@a2a-js/sdk';
import { hasRight, type Principal } from '../../model/index.ts';
import type { SiteKey } from '../../site/audit/index.ts';
import type { Site } from '../../site/site.ts';
import type { Agents, Published } from './agents.ts';
import type { A2aLibrary } from './library.ts';

export interface CardOptions {
  site: Site;
  library: A2aLibrary;
  agents: Agents;
  name: string;
  description: string;
  version: string;
  documentationUrl?: string;
  provider?: { organization: string; url: string };
  key: SiteKey | undefined;
  /** Where each binding is; known once the door listens. */
  places(): { http: string; grpc: string | undefined };
  /** No token is asked for. */
  isOpen: boolean;
}

export interface Cards {
  /** The site's own card, or that of the agent of this name. */
  card(tenant: string): Promise<AgentCard>;
  /** With what a known caller may see besides. */
  extended(tenant: string, by: Principal): Promise<AgentCard>;
  /** As JSON; in 0.3 with what its clients look for, which the schema of 1.0 has no place for. */
  json(tenant: string, version: string): Promise<unknown>;
}

/** Who may see what agents work behind the site. */
const READ_AGENTS = 'agent:read';
const V1 = '1.0';
const V03 = '0.3';

export function createCards(options: CardOptions): Cards {
  const { site, library, agents, key } = options;
  const { types } = library;

  function interfaces(tenant: string): AgentInterface[] {
    const { http, grpc } = options.places();
    const one = (url: string, protocolBinding: string, protocolVersion: string): AgentInterface => ({
      url,
      protocolBinding,
      protocolVersion,
      tenant,
    });
    const all = [one(`${http}/jsonrpc`, 'JSONRPC', V1), one(`${http}/rest`, 'HTTP+JSON', V1)];
    if (grpc !== undefined) all.push(one(grpc, 'GRPC', V1));
    return [...all, one(`${http}/jsonrpc`, 'JSONRPC', V03)];
  }

  function skillOf(agent: Published): AgentSkill {
    return {
      id: agent.workflow,
      name: agent.workflow,
      description: agent.description,
      tags: agent.tags,
      examples: agent.examples,
      inputModes: agent.inputModes,
      outputModes: agent.outputModes,
      securityRequirements: [],
    };
  }

  function bare(tenant: string): AgentCard {
    agents.check(tenant);
    const shown = agents.all().filter((agent) => tenant === '' || agent.workflow === tenant);
    const [only] = tenant === '' ? [] : shown;
    const modes = (which: 'inputModes' | 'outputModes'): string[] => [...new Set(shown.flatMap((one) => one[which]))];
    return {
      name: only?.workflow ?? options.name,
      description: only?.description ?? options.description,
      version: only?.version ?? options.version,
      supportedInterfaces: interfaces(tenant),
      provider: options.provider,
      documentationUrl: options.documentationUrl,
      capabilities: { streaming: true, pushNotifications: true, extendedAgentCard: true, extensions: [] },
      securitySchemes: options.isOpen
        ? {}
        : {
            bearer: {
              scheme: {
                $case: 'httpAuthSecurityScheme',
                value: { scheme: 'Bearer', bearerFormat: '', description: 'A token of the site.' },
              },
            },
          },
      securityRequirements: options.isOpen ? [] : [{ schemes: { bearer: { list: [] } } }],
      defaultInputModes: modes('inputModes'),
      defaultOutputModes: modes('outputModes'),
      skills: shown.map(skillOf),
      signatures: [],
    };
  }

  /** What is signed is the card as it is read: the library's canonical form is made of JSON. */
  function jsonOf(card: AgentCard): AgentCard {
    return types.AgentCard.toJSON(card) as AgentCard;
  }

  function sign(card: AgentCard): AgentCard {
    if (key === undefined) return card;
    const header = { alg: 'EdDSA', typ: 'JOSE', kid: key.publicKey };
    const protectedPart = Buffer.from(JSON.stringify(header)).toString('base64url');
    const payload = Buffer.from(types.canonicalizeAgentCard(jsonOf(card))).toString('base64url');
    const signature = key.sign(`${protectedPart}.${payload}`);
    return { ...card, signatures: [{ protected: protectedPart, signature, header: undefined }] };
  }

  return {
    card: async (tenant) => sign(bare(tenant)),
    async extended(tenant, by) {
      const card = bare(tenant);
      if (!hasRight(by, READ_AGENTS)) return sign(card);
      const behind = site.agents.list().flatMap((agent) =>
        agent.skills.map((skill): AgentSkill => ({
          id: `${agent.name}/${skill.name}`,
          name: skill.name,
          description: skill.description ?? skill.name,
          tags: ['agent', skill.effect],
          examples: [],
          inputModes: [],
          outputModes: [],
          securityRequirements: [],
        })),
      );
      return sign({ ...card, skills: [...card.skills, ...behind] });
    },
    async json(tenant, version) {
      const card = sign(bare(tenant));
      const json = types.AgentCard.toJSON(card) as object;
      if (version !== V03) return json;
      const [jsonRpc] = card.supportedInterfaces;
      return {
        ...json,
        // The signature covers the card of 1.0.
        url: jsonRpc?.url,
        preferredTransport: jsonRpc?.protocolBinding,
        protocolVersion: '0.3.0',
        supportsAuthenticatedExtendedCard: true,
        security: options.isOpen ? [] : [{ bearer: [] }],
        securitySchemes: options.isOpen ? {} : { bearer: { type: 'http', scheme: 'bearer' } },
      };
    },
  };
}
