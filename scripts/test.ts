// `npm test`: the servers the tests need, then every test, then one plain line that sums up.
// What is given after `npm test --` goes to vitest.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './steps.ts';
import { countTests, summaryOf, type TestReport } from './summary.ts';

const folder = mkdtempSync(join(tmpdir(), 'skein-test-'));
const reportFile = join(folder, 'report.json');

const serversCode = await run(process.execPath, [join(import.meta.dirname, 'ensure-servers.ts')]);
const testsCode = await run('vitest', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${reportFile}`,
  ...process.argv.slice(2),
]);

if (serversCode !== 0) {
  console.error('A server is missing (see above), so this run has not passed, whatever its tests say.');
}
const summary = summaryOf(countTests(readReport(), testsCode));
console.log(summary);
// For a caller that prints more after the tests and then wants to end with their summary too.
const summaryFile = process.env['SKEIN_TEST_SUMMARY'];
if (summaryFile) writeFileSync(summaryFile, `${summary}\n`);
process.exitCode = testsCode || serversCode;

function readReport(): TestReport | undefined {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
