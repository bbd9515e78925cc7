export type { Adapters } from './adapters.ts';
export type { Decorate } from './compose.ts';
export { composeWorker } from './compose.ts';
export type { WorkerConfig } from './config.ts';
export { readWorkerConfig, workerSettings } from './config.ts';
