export { freePort } from './free-port.ts';
export type { PrivatePostgres, PrivatePostgresOptions } from './private-postgres.ts';
export { startPrivatePostgres } from './private-postgres.ts';
export { standaloneSettings } from './settings.ts';
export type { Standalone, StandaloneOptions } from './standalone.ts';
export { startStandalone } from './standalone.ts';
