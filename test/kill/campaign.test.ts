/** Short kill campaigns: kill -9 and pauses of real workers on real stores. Longer ones: `skein lab kill`. */
import { expect, test } from 'vitest';
import { runKillCampaign } from '../../src/lab/kill/campaign.ts';
import { whyNoPostgres } from '../../src/lab/servers/postgres.ts';

const noPostgres = await whyNoPostgres();
if (noPostgres !== null) console.warn(`no kill campaign on PostgreSQL: ${noPostgres}`);

for (const [store, seconds] of [
  ['sqlite', 6],
  ['postgres', 8],
] as const) {
  test.skipIf(store === 'postgres' && noPostgres !== null)(
    `workers on ${store} are killed all the time: nothing is lost, nothing is done twice, all runs finish`,
    { timeout: 90_000 },
    async () => {
      // Pauses are more frequent than usual: their time is short here.
      const report = await runKillCampaign({ store, seconds, workers: 2, seed: 'test', load: 20, pausesPercent: 10 });
      const { kills, runs, takeovers, resumeMsP50, resumeMsP99, events, pauses } = report;
      console.log(JSON.stringify({ store, kills, pauses, runs, events, takeovers, resumeMsP50, resumeMsP99 }));
      expect(report.findings).toEqual([]);
      expect(report).toMatchObject({ lost: 0, duplicated: 0, unfinished: 0, broken: 0 });
      // The kills hit something, on however busy a machine.
      expect(kills).toBeGreaterThan(seconds / 2);
      expect(takeovers).toBeGreaterThan(0);
      for (const code of ['internal', 'journal.broken', 'store.corrupt', 'died', 'starter'])
        expect(report.troubles).not.toHaveProperty(code);
    },
  );
}
