import type { Config } from './schema.ts';

/** For a `skein.config.ts`: gives back what it is given, with its type checked where it is written. */
export function defineConfig(config: Config): Config {
  return config;
}
