/** Many seeds one after the other, and what they found. */
import { hashText } from '../../base/index.ts';
import type { Finding } from './finding.ts';
import { runSeed, type SeedOptions, type SeedResult } from './run-seed.ts';

export interface CampaignReport {
  seeds: number;
  violations: number;
  firstBadSeed: number | null;
  /** Of all traces, in order: the same seeds give the same hash. */
  traceHash: string;
}

export interface CampaignOptions extends Pick<SeedOptions, 'plant' | 'steady' | 'tune' | 'store' | 'flows'> {
  from: number;
  seeds: number;
  /** Every so many seeds one is run twice and its traces compared; 0 = never. */
  twiceEvery?: number;
  stopAtFirst?: boolean;
  onSeed?: (result: SeedResult, ms: number) => void;
  onBad?: (result: SeedResult, findings: readonly Finding[]) => void;
}

export const TWICE_EVERY = 50;

export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { from, seeds, plant, steady, tune, store, flows, twiceEvery = TWICE_EVERY } = options;
  const how: SeedOptions = { plant, steady, tune, store, flows };
  const report: CampaignReport = { seeds: 0, violations: 0, firstBadSeed: null, traceHash: '' };
  for (let seed = from; seed < from + seeds; seed++) {
    const began = performance.now();
    const result = await runSeed(seed, how);
    report.seeds++;
    report.traceHash = hashText(report.traceHash + result.traceHash);
    options.onSeed?.(result, performance.now() - began);
    const findings = [...result.findings];
    if (twiceEvery > 0 && seed % twiceEvery === 0) {
      const again = await runSeed(seed, how);
      if (again.traceHash !== result.traceHash)
        findings.push({ check: 'trace.same', what: `${result.traceHash}, then ${again.traceHash}` });
    }
    if (findings.length === 0) continue;
    report.violations += findings.length;
    report.firstBadSeed ??= seed;
    options.onBad?.(result, findings);
    if (options.stopAtFirst) break;
  }
  return report;
}
