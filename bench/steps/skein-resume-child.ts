/** Starts as `skein` does: the code that the first start has read is not read again by the next. */
import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';

enableCompileCache(join(process.argv[2]!, '../compiled'));
await import('./skein-resume-work.ts');
flushCompileCache();
