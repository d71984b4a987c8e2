// The suite starts the clients of a revision all at once: forty processes that each compile the same modules, on a
// machine that may have two cores, while the suite's own servers, which are one process, close connections that were
// silent for five seconds. Each waits here for its turn, before it loads anything.
import { takeTurn } from './turn.ts';

await takeTurn(process.env['SKEIN_CONFORMANCE_TURNS']);
await import('./drive.ts');
