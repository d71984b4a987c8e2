// `npm run verify`: what must hold before a change is offered. Stops at the first thing that does not.
import { run } from './steps.ts';

const node = process.execPath;
const steps: [name: string, command: string, ...args: string[]][] = [
  ['format', 'oxfmt', '--check', '.'],
  ['lint', 'oxlint', '--deny-warnings'],
  ['types', 'tsc', '--noEmit'],
  ['unit and contract tests', 'vitest', 'run', '--project', 'unit', '--project', 'house'],
  ['ten simulator seeds', node, 'src/doors/cli/main.ts', 'lab', 'sim', '--seeds', '10'],
  ['package', node, 'scripts/pack-check.ts'],
];

const seconds = (sinceMs: number) => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
const startedMs = performance.now();

for (const [name, command, ...args] of steps) {
  console.log(`\n== ${name}`);
  const stepStartedMs = performance.now();
  const code = await run(command, args);
  console.log(`== ${name}: ${code === 0 ? 'ok' : `failed (exit ${code})`}, ${seconds(stepStartedMs)}`);
  if (code !== 0) process.exit(code);
}
console.log(`\nverified in ${seconds(startedMs)}`);
