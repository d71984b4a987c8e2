// docs/configuration.md, made of the configuration's schema.
import { z } from 'zod';
import { CONFIG_NAMES, CONFIG_VARIABLE, configSchema, overrides } from '../../src/site/config/index.ts';

interface Member {
  description?: string;
  type?: string;
  enum?: unknown[];
  default?: unknown;
  properties?: Record<string, Member>;
  anyOf?: Member[];
  items?: Member;
}

export function configReference(): string {
  const { properties } = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Member;
  const rows = rowsOf(properties ?? {}, '');
  const variables = overrides.map(({ variable, place }) => `| \`${variable}\` | \`${place.join('.')}\` |`);
  return `# Configuration

Made from the schema by \`node scripts/reference.ts\`; do not edit by hand.

A site's configuration is one file in its folder: ${CONFIG_NAMES.map((name) => `\`${name}\``).join(', ')}; or the one that
\`--config\` or \`${CONFIG_VARIABLE}\` names. Paths in it are seen from the file. What the environment says goes over the file,
and what the command line says (\`--store\`) over both. Without a file the defaults hold.

\`\`\`ts
// skein.config.ts
import { defineConfig } from 'skein';

export default defineConfig({
  store: '.skein/site.db',
  workflows: ['workflows/report.ts', 'workflows/incident.yaml'],
  agents: ['agents.ts'],
});
\`\`\`

The same as YAML:

\`\`\`yaml
store: .skein/site.db
workflows: [workflows/report.ts, workflows/incident.yaml]
agents: [agents.ts]
\`\`\`

A path in \`workflows\` is a plan (\`.yaml\`, \`.json\`) or a module; of a module every exported workflow is taken, and in the
same way every exported agent of a path in \`agents\`. \`skein check\` says what is wrong, with its place.

## Members

| member | type | default | what it is |
| --- | --- | --- | --- |
${rows.join('\n')}

## Environment

| variable | goes over |
| --- | --- |
| \`${CONFIG_VARIABLE}\` | which file is read |
${variables.join('\n')}
`;
}

function rowsOf(members: Record<string, Member>, path: string): string[] {
  return Object.entries(members).flatMap(([name, member]) => {
    const place = path === '' ? name : `${path}.${name}`;
    const isEmptyDefault = member.default === undefined || JSON.stringify(member.default) === '{}';
    const preset = isEmptyDefault || member.properties !== undefined ? '' : `\`${JSON.stringify(member.default)}\``;
    const row = `| \`${place}\` | ${typeOf(member)} | ${preset} | ${member.description ?? ''} |`;
    return [row].concat(rowsOf(member.properties ?? {}, place));
  });
}

function typeOf({ type, enum: choices, anyOf, items, properties }: Member): string {
  if (choices !== undefined) return choices.map((choice) => `\`${JSON.stringify(choice)}\``).join(' or ');
  if (properties !== undefined) return 'block';
  if (items !== undefined) return 'list';
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeOf))].join(' or ');
  return type === 'string' ? 'text' : type === 'object' ? 'block' : (type ?? 'code');
}
