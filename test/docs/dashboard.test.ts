// The dashboard asks for figures that a site gives.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const dashboard = readFileSync(join(root, 'docs/grafana/skein.json'), 'utf8');
const metrics = readFileSync(join(root, 'src/doors/http/metrics.ts'), 'utf8');

interface Dashboard {
  panels: { id: number; title: string; targets: { expr: string }[] }[];
}

test('every figure of the dashboard is one that a site gives, and every panel has its place', () => {
  const { panels } = JSON.parse(dashboard) as Dashboard;
  expect(panels.length).toBeGreaterThan(8);
  expect(new Set(panels.map((panel) => panel.id)).size).toBe(panels.length);
  const exprs = panels.flatMap((panel) => panel.targets.map((target) => target.expr));
  const asked = exprs.flatMap((expr) => expr.match(/\b(?:skein|process)_[a-z_]+/g) ?? []);
  const unknown = asked.map((name) => name.replace(/_bucket$/, '')).filter((name) => !metrics.includes(`'${name}'`));
  expect(unknown).toEqual([]);
});
