import type { HealthServer, Logger, Metrics, Service } from '@hooklane/runtime';
import { createHealthServer, createMetrics } from '@hooklane/runtime';
import { clientOf } from '../context.ts';
import { canaryMetrics } from './canary-metrics.ts';
import type { CanaryConfig } from './config.ts';
import { createHeart } from './heart.ts';
import { Receipts } from './receipts.ts';
import type { CanaryReceiver } from './receiver.ts';
import { createCanaryReceiver } from './receiver.ts';
import { secretOf } from './registration.ts';

/** Wires a canary. */
export function composeCanary(
  config: CanaryConfig,
  logger: Logger,
): { services: Service[]; health: HealthServer; metrics: Metrics; receiver: CanaryReceiver } {
  const metrics = createMetrics({ service: 'canary' });
  const counted = canaryMetrics(metrics);
  const receipts = new Receipts();
  const secret = secretOf(config.key, config.org);
  const receiver = createCanaryReceiver({
    host: config.host,
    port: config.receiverPort,
    secret,
    receipts,
    metrics: counted,
    logger,
  });
  const heart = createHeart({
    // One attempt: what fails is to be seen, and the next beat is the retry.
    client: clientOf(config.apiUrl, config.key, 0),
    org: config.org,
    wanted: { url: config.receiverUrl, secret },
    intervalMs: config.intervalMs,
    receipts,
    metrics: counted,
    logger,
  });
  const health = createHealthServer({ host: config.host, port: config.healthPort, metrics, ready: heart.ready });
  return { services: [receiver, health, heart.registration, heart.loop], health, metrics, receiver };
}
