export { composeCanary } from './canary/compose.ts';
export type { CanaryConfig } from './canary/config.ts';
export { canarySettings, readCanaryConfig } from './canary/config.ts';
export { EXIT } from './exit-codes.ts';
export { cliSettings } from './settings.ts';
