export type { ComposedApi, Decorate } from './compose.ts';
export { composeApi } from './compose.ts';
export type { ApiConfig } from './config.ts';
export { apiConfig } from './config.ts';
export type { ApiPorts } from './ports.ts';
