/** For tests: a worker in a process of its own, told by messages what to do. */
import { journal, type Journal } from './contract/kit.ts';
import { createPostgresStore, type PostgresStoreOptions } from './postgres.ts';

const [options, worker] = process.argv.slice(2) as [string, string];
const store = await createPostgresStore(JSON.parse(options) as PostgresStoreOptions);
const member = await store.join(worker);
const runs = new Map<string, Journal>();

process.on('message', (text: string) => {
  const [verb, stream] = text.split(' ') as [string, string];
  const run = runs.get(stream) ?? journal(stream);
  runs.set(stream, run);
  void member.commit([verb === 'create' ? run.create() : run.next()], true).then(
    ([result]) => process.send!(result!),
    (error: unknown) => process.send!({ code: (error as { code?: string }).code }),
  );
});
process.send!({ ready: true });
