// Emits the package: every source file becomes one plain JavaScript file and its types, in dist.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, run } from './steps.ts';

rmSync(join(repositoryRoot, 'dist'), { recursive: true, force: true });
process.exitCode = await run('tsc', ['-p', 'tsconfig.build.json']);
