/** `npm run bench -- doors`: what it costs to make a call through Skein, beside the protocol's own client. */
import { a2aPair } from './a2a.ts';
import { mcpPair, type Wire } from './mcp.ts';
import { type Figures, measurePair, type MeasureOptions, type Pair } from './subject.ts';

export const about = 'a call through Skein to a local tool or agent, beside the bare client (MCP, A2A)';

export const usage = `usage: npm run bench -- doors [mcp | a2a] [flags]
  --quick   few calls, one round: whether it works, not how fast
  --json    the last line is one JSON object`;

/** Each protocol's ways; a row's name is `protocol way`. */
const subjects: Record<string, Record<string, () => Promise<Pair>>> = {
  mcp: { http: () => mcpPair('http'), stdio: () => mcpPair('stdio') } satisfies Record<Wire, () => Promise<Pair>>,
  a2a: { http: a2aPair },
};

const FULL: MeasureOptions = { rounds: 5, calls: 300 };
const QUICK: MeasureOptions = { rounds: 1, calls: 20 };
const MOST = 1.3;

export async function run(flags: string[]): Promise<number> {
  const size = flags.includes('--quick') ? QUICK : FULL;
  const only = flags.find((flag) => flag in subjects);
  const report: Record<string, Figures & { ways: Record<string, Figures> }> = {};
  for (const [protocol, ways] of Object.entries(subjects)) {
    if (only !== undefined && only !== protocol) continue;
    const measured: Record<string, Figures> = {};
    for (const [way, open] of Object.entries(ways)) {
      const pair = await open();
      try {
        measured[way] = await measurePair(pair, size);
      } finally {
        await pair.close();
      }
      if (!flags.includes('--json')) print(`${protocol} ${way}`, measured[way]);
    }
    // A protocol's figure is that of its first way, which both protocols have: HTTP on loopback.
    report[protocol] = { ...Object.values(measured)[0]!, ways: measured };
  }
  if (flags.includes('--json')) console.log(JSON.stringify(report));
  else console.log(`p50 of one call after another, journal on SQLite; at most ${MOST} times is what we want`);
  return 0;
}

function print(name: string, { oursP50Ms, bareP50Ms, ratio, calls }: Figures): void {
  const ms = (value: number): string => `${value.toFixed(3)} ms`.padStart(12);
  console.log(
    `${name.padEnd(12)} bare ${ms(bareP50Ms)}   ours ${ms(oursP50Ms)}   ${ratio.toFixed(2)}x   (${calls} calls)`,
  );
}
