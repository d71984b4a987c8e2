/** What `skein run` runs: a workflow of the configuration by name, or one in a file; here, or at the site that is up. */
import { existsSync, statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { Fault } from '../../base/index.ts';
import { type AnyWorkflow, needsOf } from '../../author/index.ts';
import { loadParts, loadWorkflows, type Settings } from '../../site/config/index.ts';

const FILES = new Set(['.yaml', '.yml', '.json', '.ts', '.mts', '.js', '.mjs']);

export interface Wanted {
  flow: AnyWorkflow;
  /** Only whoever has this file can carry it on. */
  file?: string;
}

export async function findWanted(settings: Settings, what: string, folder: string): Promise<Wanted> {
  const [path = '', name] = what.split('#');
  const file = resolve(folder, path);
  const isFile = existsSync(file) && statSync(file).isFile();
  if (isFile || FILES.has(extname(path))) return { flow: pick(await loadWorkflows(file), path, name), file: path };
  const { workflows } = await loadParts(settings.config, settings.folder);
  // Of several versions the last one named is the present one.
  const flow = workflows.findLast((one) => needsOf(one) === what || one.name === what);
  if (flow !== undefined) return { flow };
  const known = workflows.map(needsOf).join(', ');
  throw new Fault('workflow.unknown', `no workflow '${what}' is known here; there are: ${known || 'none'}`);
}

function pick(flows: readonly AnyWorkflow[], file: string, name: string | undefined): AnyWorkflow {
  const fitting = name === undefined ? flows : flows.filter((one) => one.name === name || needsOf(one) === name);
  if (fitting.length === 1) return fitting[0]!;
  const names = flows.map(({ name: one }) => `${file}#${one}`).join(', ');
  const message = fitting.length === 0 ? `${file} has no workflow '${name}'` : `${file} has several workflows`;
  throw new Fault('workflow.unknown', message, { detail: { next: `Name one: ${names}` } });
}
