export type { Batcher, BatcherOptions } from './batcher.ts';
export { createBatcher } from './batcher.ts';
export type { BootCheckOptions, BootLook, BootReport, OutOfReach } from './boot-check.ts';
export { createBootCheck } from './boot-check.ts';
export type { ConfigDefinition, ConfigOf, Env, Setting, SettingDescription, Settings } from './config.ts';
export { ConfigError, defineConfig } from './config.ts';
export type { ErrorDescription } from './describe-error.ts';
export { describeError } from './describe-error.ts';
export type { EnvSchema } from './env-schemas.ts';
export { boolean, durationMs, integer, list, url, wholeDaysMs } from './env-schemas.ts';
export { assertNever, InvariantError, invariant, OverloadedError, TimeoutError } from './errors.ts';
export type { HealthOptions, HealthServer, Readiness } from './health.ts';
export { checkSoon, createHealthServer } from './health.ts';
export { listenFailure } from './listen-failure.ts';
export type { Logger, LoggerOptions } from './logger.ts';
export { createLogger } from './logger.ts';
export type { BeatOptions, Loop, LoopOptions } from './loop.ts';
export { createBeat, createLoop } from './loop.ts';
export type { MainOptions } from './main.ts';
export { runMain } from './main.ts';
export type {
  CounterInstrument,
  GaugeInstrument,
  HistogramDefinition,
  HistogramInstrument,
  MetricDefinition,
  Metrics,
} from './metrics.ts';
export { createMetrics, DURATION_BUCKETS, LATENCY_BUCKETS_SECONDS } from './metrics.ts';
export type { Network } from './networks.ts';
export { parseNetwork } from './networks.ts';
export { redactUrl } from './redact-url.ts';
export type { SealingKey } from './sealing-keys.ts';
export type { RunOptions, Service } from './service.ts';
export { runServices } from './service.ts';
export {
  ALL_NAMES,
  databaseSettings,
  healthSettings,
  logSettings,
  networkSettings,
  queueSettings,
  sealingSettings,
  traceSettings,
} from './settings.ts';
export type { OpenSpan, SpanAttributes, SpanStart, Traces } from './traces/traces.ts';
export { createTraces } from './traces/traces.ts';
export { VERSION } from './version.ts';
export { backoffMs, sleep, withTimeout } from './wait.ts';
