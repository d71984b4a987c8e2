// The summary that the suite prints at its end.
export interface Report {
  scenarios: { name: string; passed: number; failed: number }[];
  /** Run and not scored: the suite's reason. */
  notScored: Map<string, string>;
}

export function readReport(said: string): Report {
  const summary = said.slice(Math.max(0, said.lastIndexOf('SUMMARY')));
  const scenarios = Array.from(summary.matchAll(/^[✓✗] (\S+): (\d+) passed, (\d+) failed/gmu), (found) => ({
    name: found[1]!,
    passed: Number(found[2]),
    failed: Number(found[3]),
  }));
  const notScored = new Map(
    Array.from(summary.matchAll(/^ +[✓✗] (\S+) \(([^)]+)\)$/gmu), (found) => [found[1]!, found[2]!] as const),
  );
  return { scenarios, notScored };
}
