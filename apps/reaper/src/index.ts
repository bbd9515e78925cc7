export type { Decorate } from './compose.ts';
export { composeReaper } from './compose.ts';
export type { ReaperConfig } from './config.ts';
export { readReaperConfig, reaperSettings } from './config.ts';
