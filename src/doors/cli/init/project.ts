/** The files of a new project: a configuration, two agents, one workflow, one test. They run, and compile, as they are. */

export interface Project {
  name: string;
  /** What npm installs as skein. */
  skein: string;
  nodeEngine: string;
  /** The Node that it brings of its own: only where that of the machine may be too old. */
  ownNode?: string | undefined;
  /** What editors and `npm run types` read it with: `typescript` and `@types/node`, as we have them ourselves. */
  tools: Record<string, string>;
}

export function projectFiles(project: Project): Record<string, string> {
  return {
    'package.json': manifest(project),
    'tsconfig.json': TSCONFIG,
    'skein.config.ts': CONFIG,
    'agents.ts': AGENTS,
    'workflows/brief.ts': WORKFLOW,
    'test/brief.test.ts': TEST,
    '.env.example': ENVIRONMENT,
    '.gitignore': 'node_modules/\n.skein/\n.env\n',
    'AGENTS.md': agentsMd(project),
  };
}

function manifest({ name, skein, nodeEngine, ownNode, tools }: Project): string {
  const content = {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    scripts: { start: 'skein up', check: 'skein check', types: 'tsc', test: 'node --test "test/*.test.ts"' },
    dependencies: { skein },
    devDependencies: ownNode === undefined ? tools : { ...tools, node: ownNode },
    engines: { node: nodeEngine },
    ...(ownNode !== undefined && { allowScripts: { node: true } }),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/** Node runs the files as they are: what it could not strip away, or would not find, is an error here too. */
const TSCONFIG = `{
  "compilerOptions": {
    "target": "esnext",
    "module": "nodenext",
    "types": ["node"],
    "strict": true,
    "erasableSyntaxOnly": true,
    "verbatimModuleSyntax": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true,
    "noEmit": true
  }
}
`;

const CONFIG = `import { defineConfig } from 'skein';
import { agents } from './agents.ts';
import { brief } from './workflows/brief.ts';

export default defineConfig({
  workflows: [brief],
  agents,
});
`;

const AGENTS = `/** Who can work. An agent is a function here; a model, an MCP server or a process is declared beside them. */
import { type Agent, functionAgent } from 'skein';

/** What ada and bob know. Put your own here, or ask a model. */
const notes: Record<string, string> = {
  geese: 'fly in formation and take turns in front',
  threads: 'are strong when many run together',
};

export const agents: Agent[] = [
  functionAgent('ada', {
    skills: {
      research: (topic: string) => notes[topic] ?? 'are still to be studied',
      write: (found: { topic: string; note: string }[]) =>
        found.map(({ topic, note }) => \`\${topic} \${note}\`).join('; '),
    },
  }),
  // When ada is down, her research goes to bob.
  functionAgent('bob', { skills: { research: (topic: string) => notes[topic] ?? 'are unknown to bob' } }),
];

// A model instead (then \`agents\` is (Agent | AgentDeclaration)[], and the key stands in .env):
//   { name: 'ada', llm: 'anthropic/claude-sonnet-4-5', skills: [{ name: 'write', effect: 'pure' }] }
`;

const WORKFLOW = `/** A brief on some topics: every topic is researched by whoever can, then one of them writes it up. */
import { workflow } from 'skein';

export const brief = workflow('brief', async (run, topics: string[]) => {
  const found = await run.map('topics', topics, { itemKey: (topic) => topic, width: 4 }, async (topic, branch) => ({
    topic,
    note: await branch.ask<string>('research', topic),
  }));
  return run.ask<string>('write', found);
});
`;

const TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, functionAgent, openSite } from 'skein';
import { agents } from '../agents.ts';
import { brief } from '../workflows/brief.ts';

test('a brief has a sentence on every topic', async () => {
  const site = await openSite({ workflows: [brief], agents });
  const handle = await site.start(brief, ['geese', 'threads']);
  assert.match(String(await handle.output()), /^geese fly .*; threads are strong/);
  await site.stop();
});

test('when ada is down, bob does the research', async () => {
  const down = functionAgent('ada', {
    skills: {
      research() {
        throw new Fault('agent.failed', 'ada is down');
      },
      write: (found: { note: string }[]) => found.map(({ note }) => note).join(),
    },
  });
  const site = await openSite({ workflows: [brief], agents: [down, agents[1]!] });
  const handle = await site.start(brief, ['geese']);
  assert.match(String(await handle.output()), /^fly in formation/);
  await site.stop();
});
`;

const ENVIRONMENT = `# Copy to .env; skein reads it, and what is set in the environment goes over it.
# SKEIN_STORE=postgres://user:password@localhost/skein
# SKEIN_HTTP_PORT=7717
# ANTHROPIC_API_KEY=
`;

function agentsMd({ name }: Project): string {
  return `# Working on ${name}

A Skein project: workflows ask agents by skill, and every run is a journal in \`.skein/\`.

| file | what |
| --- | --- |
| \`skein.config.ts\` | what the site is made of |
| \`agents.ts\` | who can work |
| \`workflows/\` | what they are asked, as code (\`.ts\`) or data (\`.yaml\`) |
| \`test/\` | runs of the workflows on a store in memory |

| do | with |
| --- | --- |
| test | \`npm test\` |
| check everything before it runs | \`npm run check\`, \`npm run types\` |
| run once, and watch | \`npx skein run brief --input '["geese","threads"]'\` |
| run the site, with HTTP | \`npm start\` |
| look | \`npx skein ps\`, \`npx skein show RUN\`, \`npx skein journal RUN\` |

Rules for workflows as code: only \`await\` what \`run\` gives; time, chance and I/O go through \`run.now\`, \`run.random\`,
\`run.code\`, \`run.ask\` and \`run.effect\`; a name used twice in one scope needs a \`key\`; a change outside is \`run.effect\`
with an effect class on the agent's skill.
`;
}
