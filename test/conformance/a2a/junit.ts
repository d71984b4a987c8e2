// A pytest report: what passed, what failed, and what was passed over and why.
import type { Score } from '../main.ts';

export function readJunit(xml: string): Omit<Score, 'suite' | 'version'> {
  const score: Omit<Score, 'suite' | 'version'> = { passed: 0, failed: 0, notApplicable: [], failures: [] };
  for (const [, head = '', body = ''] of xml.matchAll(/<testcase ([^>]*?)(?:\/>|>([^]*?)<\/testcase>)/g)) {
    const name = `${attribute(head, 'classname').split('.').at(-1)} ${attribute(head, 'name')}`;
    const skipped = /<skipped ([^>]*)>/.exec(body)?.[1];
    if (/<(failure|error)[ >]/.test(body)) {
      score.failed++;
      score.failures.push(name);
    } else if (skipped !== undefined) score.notApplicable.push({ name, why: attribute(skipped, 'message') });
    else score.passed++;
  }
  return score;
}

function attribute(head: string, name: string): string {
  const text = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(head)?.[1] ?? '';
  return text
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
