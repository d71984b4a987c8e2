import { join } from 'node:path';
import { defineConfig } from '../../src/index.ts';
import { postAgent, report, thinkers } from './swarm.ts';

export const HOME = join(import.meta.dirname, '..', '..', '.skein');

export default defineConfig({
  store: join(HOME, 'site.db'),
  workflows: [report],
  agents: [...thinkers, postAgent(join(HOME, 'published.tsv'))],
});
