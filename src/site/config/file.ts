/** Finding and reading the configuration's file. What is wrong in it is said with its place. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { errorText, Fault } from '../../base/index.ts';

export const CONFIG_NAMES = ['ts', 'mts', 'js', 'mjs', 'yaml', 'yml', 'json'].map((end) => `skein.config.${end}`);

/** The one configuration in a folder, if there is one. */
export function findConfigFile(folder: string): string | undefined {
  const found = CONFIG_NAMES.filter((name) => existsSync(join(folder, name)));
  if (found.length > 1)
    throw new Fault('input.invalid', `${folder} has ${found.join(' and ')}: keep one, or name one with --config`);
  return found[0] === undefined ? undefined : join(folder, found[0]);
}

export interface ConfigText {
  value: unknown;
  /** `file:line:column` of the deepest part of this place that stands in the text; the file alone for code. */
  at(place: readonly PropertyKey[]): string;
}

export async function readConfigFile(file: string): Promise<ConfigText> {
  if (!existsSync(file))
    throw new Fault('not-found', `there is no configuration ${file}`, {
      detail: { next: 'Name another with --config or SKEIN_CONFIG; `skein init FOLDER` makes a project with one.' },
    });
  return ['.yaml', '.yml', '.json'].includes(extname(file)) ? readWords(file) : readCode(file);
}

/** YAML, of which JSON is a part. */
function readWords(file: string): ConfigText {
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines, prettyErrors: false });
  const position = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [broken] = document.errors;
  if (broken !== undefined) throw new Fault('input.invalid', `${position(broken.pos[0])} ${broken.message}`);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (thrown) {
    // An alias that names nothing, or too many of them.
    throw new Fault('input.invalid', `${file} ${errorText(thrown)}`);
  }
  return {
    value,
    at(place) {
      for (let depth = place.length; depth > 0; depth--) {
        const node: unknown = document.getIn(place.slice(0, depth), true);
        if (isNode(node) && node.range != null) return position(node.range[0]);
      }
      return file;
    },
  };
}

async function readCode(file: string): Promise<ConfigText> {
  const { default: value, config } = (await importFile(file)) as { default?: unknown; config?: unknown };
  if (value === undefined && config === undefined)
    throw new Fault('input.invalid', `${file} exports no configuration: write \`export default defineConfig({...})\``);
  return { value: value ?? config, at: () => file };
}

/** A module of the user's; what it throws while it loads is told as its own failure. */
export async function importFile(file: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    throw new Fault('input.invalid', `${basename(file)} cannot be loaded: ${errorText(thrown)}`, {
      cause: thrown,
      detail: { file },
    });
  }
}
