/** Which agents a site shows: itself, and each workflow that is published, by its name as the tenant. */
import { Fault } from '../../base/index.ts';
import type { AnyWorkflow } from '../../author/index.ts';
import type { Site } from '../../site/site.ts';

export interface PublishedOptions {
  workflow: string;
  description?: string;
  tags?: string[];
  examples?: string[];
  /** `content`: the text or data of a message. `message`: the whole message, as A2A's JSON writes it. */
  takes?: 'content' | 'message';
  /** Media types of parts that are taken, and that come back. */
  inputModes?: string[];
  outputModes?: string[];
}

export interface Published extends Required<Omit<PublishedOptions, 'examples'>> {
  examples: string[];
  version: string;
}

export interface Agents {
  all(): Published[];
  /** The workflow that a message is for; throws `not-found`. */
  choose(tenant: string, named: unknown): Published;
  /** Throws `not-found` unless the tenant is an agent here. */
  check(tenant: string): void;
}

const TEXT_AND_DATA = ['text/plain', 'application/json'];

export function createAgents(
  site: Pick<Site, 'workflows'>,
  publish: readonly (string | PublishedOptions)[] | undefined,
) {
  function all(): Published[] {
    const flows = new Map<string, AnyWorkflow>();
    for (const flow of site.workflows()) flows.set(flow.name, flow);
    const wanted = publish ?? [...flows.keys()];
    return wanted.map((one) => published(typeof one === 'string' ? { workflow: one } : one, flows));
  }

  function published(options: PublishedOptions, flows: ReadonlyMap<string, AnyWorkflow>): Published {
    const flow = flows.get(options.workflow);
    if (flow === undefined) throw new Fault('workflow.unknown', `no workflow '${options.workflow}' is here to publish`);
    return {
      description: `Runs the workflow '${flow.name}'.`,
      tags: ['workflow'],
      examples: [],
      takes: 'content',
      inputModes: TEXT_AND_DATA,
      outputModes: TEXT_AND_DATA,
      ...options,
      version: flow.version,
    };
  }

  function find(name: string): Published {
    const found = all().find((one) => one.workflow === name);
    if (found !== undefined) return found;
    throw new Fault('not-found', `no agent '${name}' is published here`);
  }

  const agents: Agents = {
    all,
    check: (tenant) => void (tenant === '' || find(tenant)),
    choose(tenant, named) {
      if (tenant !== '') return find(tenant);
      if (typeof named === 'string') return find(named);
      const [first, second] = all();
      if (first !== undefined && second === undefined) return first;
      const names = all().map((one) => one.workflow);
      throw new Fault(
        'input.invalid',
        `say which skill is meant, in metadata.skill or by the tenant: ${names.join(', ') || 'none is published'}`,
      );
    },
  };
  return agents;
}
