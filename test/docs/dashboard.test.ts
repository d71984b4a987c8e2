// The dashboard asks for figures, and for labels of them, that a site gives once something has happened in it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workflow } from '../../src/author/index.ts';
import { Fault } from '../../src/base/index.ts';
import { createToken } from '../../src/doors/guard/index.ts';
import { createHttpDoor } from '../../src/doors/http/index.ts';
import { functionAgent } from '../../src/ports/agent/index.ts';
import { openSite } from '../../src/site/site.ts';

const dashboard = readFileSync(join(import.meta.dirname, '..', '..', 'docs/grafana/skein.json'), 'utf8');

interface Dashboard {
  panels: { id: number; title: string; targets: { expr: string }[] }[];
}

/** What `/metrics` of a site says in which runs went well, healed, failed and wait, and a caller was refused. */
async function figures(): Promise<string> {
  let tries = 0;
  const agent = functionAgent('one', {
    skills: {
      flaky(text: string) {
        if (++tries === 1) throw new Fault('agent.busy', 'later', { afterMs: 1 });
        return text;
      },
      broken() {
        throw new Fault('agent.refused', 'no');
      },
    },
  });
  const heals = workflow('heals', (run) => run.ask('flaky', 'x', { retry: { firstMs: 1, maxMs: 1 } }));
  const fails = workflow('fails', (run) => run.ask('broken', 'x'));
  const waits = workflow('waits', (run) => run.signal('go'));
  const site = await openSite({ agents: [agent], workflows: [heals, fails, waits] });
  try {
    const token = createToken();
    const door = await createHttpDoor(site, { tokens: [{ token, principal: { id: 'ann', rights: ['*'] } }] });
    for (const name of ['heals', 'fails']) await (await site.start(name)).result();
    await site.start(waits);
    expect((await door.app.request('http://localhost/v1/runs')).status).toBe(401);
    const headers = { authorization: `Bearer ${token}` };
    return await (await door.app.request('http://localhost/metrics', { headers })).text();
  } finally {
    await site.stop({ graceMs: 0 });
  }
}

test('every figure of the dashboard is one that a site gives, and every panel has its place', async () => {
  const { panels } = JSON.parse(dashboard) as Dashboard;
  expect(panels.length).toBeGreaterThan(8);
  expect(new Set(panels.map((panel) => panel.id)).size).toBe(panels.length);
  const lines = (await figures()).split('\n');
  const missing: string[] = [];
  for (const { expr } of panels.flatMap((panel) => panel.targets)) {
    const [name] = /\b(?:skein|process)_[a-z_]+/.exec(expr) ?? ['no figure'];
    const labels = (/\bby \(([^)]*)\)/.exec(expr)?.[1] ?? '').split(/, */).filter((label) => label !== '');
    const given = lines.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    if (!given.some((line) => labels.every((label) => line.includes(`${label}="`)))) missing.push(expr);
  }
  expect(missing).toEqual([]);
});
