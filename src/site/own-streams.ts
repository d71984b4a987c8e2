/** Streams of the site itself (figures of agents, trust, retention) stand under one prefix: they are no runs. */
const SITE_PREFIX = 'site/';

export function isOwnStream(stream: string): boolean {
  return stream.startsWith(SITE_PREFIX);
}
