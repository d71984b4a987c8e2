/** A configuration from its file, the environment and what the caller says, each over the one before. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { z } from 'zod';
import { Fault } from '../../base/index.ts';
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

export async function loadConfig(options: LoadConfigOptions = {}): Promise<Settings> {
  const { environment = process.env } = options;
  const here = resolve(options.folder ?? '.');
  const named = options.file ?? (environment[CONFIG_VARIABLE] || undefined);
  const file = named === undefined ? findConfigFile(here) : resolve(here, named);
  const text = file === undefined ? undefined : await readConfigFile(file);
  const config = checkConfig(text, file, environment);
  const folder = file === undefined ? here : dirname(file);
  const outside = options.store ?? (environment['SKEIN_STORE'] || undefined);
  const store = outside === undefined ? absolute(config.store, folder) : absolute(outside, here);
  return { config: { ...config, store }, file, folder, store };
}

/** A store's address that means the same from every folder. */
function absolute(address: string, folder: string): string {
  if (address === 'memory:' || /^postgres(ql)?:/.test(address)) return address;
  const path = address.startsWith('sqlite:') ? address.slice('sqlite:'.length) : address;
  // Another scheme is told as such by the store.
  if (/^[a-z][a-z0-9+.-]+:/i.test(path) || isAbsolute(path)) return path;
  return join(folder, path);
}

function checkConfig(text: ConfigText | undefined, file: string | undefined, environment: Environment): CheckedConfig {
  const given = text?.value ?? {};
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new Fault('input.invalid', `${file} holds no configuration: it must be an object`);
  const parsed = configSchema.safeParse(overridden(given as Record<string, unknown>, environment));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.flatMap(deepest).map((issue) => {
    const where = text?.at(placeOf(issue)) ?? 'environment';
    return `\n  ${where} ${placeOf(issue).map(String).join('.') || 'configuration'}: ${messageOf(issue)}`;
  });
  throw new Fault(
    'input.invalid',
    `the configuration has ${lines.length} mistake${lines.length > 1 ? 's' : ''}:${lines.join('')}`,
  );
}

type Issue = z.core.$ZodIssue;

/** Of several ways to write a member, the one that was begun: what is wrong inside of it says more than that it is wrong. */
function deepest(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const begun = issue.errors.find((inner) => inner.length > 0 && inner.every(({ path }) => path.length > 0));
  return begun?.flatMap((inner) => deepest({ ...inner, path: [...issue.path, ...inner.path] })) ?? [issue];
}

function placeOf(issue: Issue): PropertyKey[] {
  return issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]!] : issue.path;
}

function messageOf(issue: Issue): string {
  if (issue.code !== 'unrecognized_keys') return issue.message;
  const parent = issue.path.length === 0 ? configSchema : undefined;
  const known = parent === undefined ? '' : `; there are: ${Object.keys(parent.shape).join(', ')}`;
  return `nothing is called so here${known}`;
}
