export type { ComposedApi } from './compose.ts';
export { composeApi } from './compose.ts';
export type { ApiConfig } from './config.ts';
export { apiConfig } from './config.ts';
