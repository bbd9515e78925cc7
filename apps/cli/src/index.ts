export { EXIT } from './exit-codes.ts';
export { cliSettings } from './settings.ts';
