/** A configuration from its file, the environment and what the caller says, each over the one before. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { z } from 'zod';
import { Fault } from '../../base/index.ts';
import { mistakesOf } from '../../model/index.ts';
import { CONFIG_VARIABLE, type Environment, overridden } from './environment.ts';
import { type ConfigText, findConfigFile, readConfigFile } from './file.ts';
import { type CheckedConfig, configSchema } from './schema.ts';

export interface LoadConfigOptions {
  /** Where to look for the file; paths of the caller are seen from here. Default: the working folder. */
  folder?: string;
  /** This file, instead of the one in the folder. */
  file?: string;
  /** This store, whatever the file and the environment say. */
  store?: string;
  environment?: Environment;
}

export interface Settings {
  config: CheckedConfig;
  /** Absent: there is none, and the defaults hold. */
  file?: string;
  /** What paths in the configuration are seen from. */
  folder: string;
  /** The store's address, with an absolute path where it is a file. */
  store: string;
}

/** What of a configuration could be read, and the one fault that names all that could not. */
export interface ReadConfig {
  settings: Settings;
  mistakes?: Fault;
}

export async function loadConfig(options: LoadConfigOptions = {}): Promise<Settings> {
  const { settings, mistakes } = await readConfig(options);
  if (mistakes !== undefined) throw mistakes;
  return settings;
}

/** For whoever looks for all mistakes at once: what is wrong is left out, and the rest is there. */
export async function readConfig(options: LoadConfigOptions = {}): Promise<ReadConfig> {
  const { environment = process.env } = options;
  const here = resolve(options.folder ?? '.');
  const named = options.file ?? (environment[CONFIG_VARIABLE] || undefined);
  const file = named === undefined ? findConfigFile(here) : resolve(here, named);
  const text = file === undefined ? undefined : await readConfigFile(file);
  const { config, mistakes } = checkConfig(text, file, environment);
  const folder = file === undefined ? here : dirname(file);
  const outside = options.store ?? (environment['SKEIN_STORE'] || undefined);
  const store = outside === undefined ? absolute(config.store, folder) : absolute(outside, here);
  return { settings: { config: { ...config, store }, file, folder, store }, mistakes };
}

/** A store's address that means the same from every folder. */
function absolute(address: string, folder: string): string {
  if (address === 'memory:' || /^postgres(ql)?:/.test(address)) return address;
  const path = address.startsWith('sqlite:') ? address.slice('sqlite:'.length) : address;
  // Another scheme is told as such by the store.
  if (/^[a-z][a-z0-9+.-]+:/i.test(path) || isAbsolute(path)) return path;
  return join(folder, path);
}

function checkConfig(
  text: ConfigText | undefined,
  file: string | undefined,
  environment: Environment,
): { config: CheckedConfig; mistakes?: Fault } {
  const given = text?.value ?? {};
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new Fault('input.invalid', `${file} holds no configuration: it must be an object`);
  const words = overridden(given as Record<string, unknown>, environment);
  const parsed = configSchema.safeParse(words);
  if (parsed.success) return { config: parsed.data };
  const lines = mistakesOf(configSchema, parsed.error).map(({ place, message }) => {
    const where = text?.at(place) ?? 'environment';
    return `\n  ${where} ${place.map(String).join('.') || 'configuration'}: ${message}`;
  });
  const message = `the configuration has ${lines.length} mistake${lines.length > 1 ? 's' : ''}:${lines.join('')}`;
  const next = 'Mend them, then look once more: skein check. Every member is told in docs/configuration.md.';
  const mistakes = new Fault('input.invalid', message, { detail: { next, mistakes: lines.length } });
  return { config: configSchema.parse(withoutWrong(words, parsed.error.issues)), mistakes };
}

/** Without the blocks that have something wrong in them; of lists of workflows and agents only those that are wrong go. */
function withoutWrong(words: Record<string, unknown>, issues: readonly Issue[]): Record<string, unknown> {
  const rest = { ...words };
  const wrong = new Map<string, Set<number>>();
  for (const issue of issues) {
    const [block, index] = issue.path;
    if (issue.code === 'unrecognized_keys' && block === undefined) for (const key of issue.keys) delete rest[key];
    else if (typeof index === 'number' && (block === 'workflows' || block === 'agents'))
      wrong.set(block, (wrong.get(block) ?? new Set()).add(index));
    else if (block !== undefined) delete rest[String(block)];
  }
  for (const [block, places] of wrong)
    if (block in rest) rest[block] = (rest[block] as unknown[]).filter((_, i) => !places.has(i));
  return rest;
}

type Issue = z.core.$ZodIssue;
