// `node scripts/golden.ts [name]`: runs the workloads and keeps a journal of each as a golden one, to which every later
// version must fold to equal state. Run by hand when an event is new. A journal that is there is never written again.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadRun } from '../src/site/load.ts';
import { stateToText } from '../src/model/index.ts';
import { openLab, workloads } from '../test/workloads/index.ts';

const folder = join(import.meta.dirname, '..', 'test', 'golden');
mkdirSync(folder, { recursive: true });

const only = process.argv[2];
let written = 0;
for (const workload of workloads) {
  const file = join(folder, `${workload.name.replaceAll(/[^a-z]+/g, '-')}.json`);
  if (existsSync(file) || (only !== undefined && workload.name !== only)) continue;
  const lab = openLab();
  const runs = [];
  for (const run of await workload.run(lab)) {
    const { state } = await loadRun(lab.store, run, { snapshot: false });
    const records = await lab.store.read(run);
    runs.push({ run, engine: state.engine, records, state: JSON.parse(stateToText(state)) as unknown });
  }
  await lab.close();
  writeFileSync(file, `${JSON.stringify({ name: workload.name, about: workload.about, runs }, null, 1)}\n`);
  console.log(`${file}: ${runs.length} journals`);
  written++;
}
console.log(`${written} written; ${workloads.length} workloads`);
