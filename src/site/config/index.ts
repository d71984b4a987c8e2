/** The site's configuration: its shape, its file, and what is opened from it. */
export { defineConfig } from './define.ts';
export { CONFIG_VARIABLE, type Environment, overrides } from './environment.ts';
export { CONFIG_NAMES } from './file.ts';
export { loadConfig, type LoadConfigOptions, readConfig, type Settings } from './load.ts';
export { strangersIn } from './names.ts';
export { injectorOf, openConfigured, openExistingStore, openSettingsStore } from './open.ts';
export { loadParts, loadWorkflows, openParts, type Parts, surveyParts } from './parts.ts';
export { type CheckedConfig, type Config, configSchema } from './schema.ts';
