// `node scripts/reference.ts`: writes the references in docs/ that are made of the code itself. A test says when they
// are not current.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliReference } from './reference/cli.ts';
import { configReference } from './reference/config.ts';
import { httpReference } from './reference/http.ts';

export const references: Record<string, () => string> = {
  'docs/cli.md': cliReference,
  'docs/configuration.md': configReference,
  'docs/http.md': httpReference,
};

const root = join(import.meta.dirname, '..');

/** Those whose file is not what the code says. */
export function staleReferences(): string[] {
  return Object.entries(references)
    .filter(([file, make]) => readFileSync(join(root, file), 'utf8') !== make())
    .map(([file]) => file);
}

if (import.meta.main) {
  for (const [file, make] of Object.entries(references)) {
    writeFileSync(join(root, file), make());
    console.log(file);
  }
}
