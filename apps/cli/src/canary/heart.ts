import { randomUUID } from 'node:crypto';
import type { Client, Webhook } from '@hooklane/client';
import { HooklaneConnectionError, HooklaneError } from '@hooklane/client';
import type { Logger, Readiness, Service } from '@hooklane/runtime';
import { createLoop } from '@hooklane/runtime';
import { CliError, EXIT } from '../exit-codes.ts';
import type { CanaryMetrics } from './canary-metrics.ts';
import type { Receipts } from './receipts.ts';
import { cureOf, isFinal, URL_CURE } from './refusal.ts';
import type { Wanted } from './registration.ts';
import { BEAT, keepRegistered } from './registration.ts';

export interface HeartOptions {
  client: Client;
  org: string;
  wanted: Wanted;
  intervalMs: number;
  receipts: Receipts;
  metrics: CanaryMetrics;
  logger: Logger;
}

export interface Heart {
  /** Registers once, before anything beats. Its start fails where nothing but a person can help. */
  readonly registration: Service;
  /** Publishes a beat at every interval. Whatever fails is told, counted and made again with the next one. */
  readonly loop: Service;
  ready(): Promise<Readiness>;
}

export function createHeart(options: HeartOptions): Heart {
  const { client, intervalMs, logger } = options;
  const heart = new BeatingHeart(options);
  const loop = createLoop({ name: 'heart', intervalMs, jitter: 0, logger, run: (signal) => heart.beat(signal) });
  return {
    registration: { name: 'registration', start: () => heart.registerFirst(), stop: async () => {} },
    loop: {
      name: loop.name,
      start: () => loop.start(),
      async stop() {
        const stopped = loop.stop();
        // Ends the call under way; the loop has been told before that it is not to mind.
        client.close();
        await stopped;
      },
    },
    ready: async () => heart.readiness(),
  };
}

interface Beat {
  /** In the payload. */
  name: string;
  /** Of the event. */
  eventId: string;
}

class BeatingHeart {
  readonly #options: HeartOptions;
  #webhook: Webhook | null = null;
  #isAnswered = false;
  #last: Beat | null = null;

  constructor(options: HeartOptions) {
    this.#options = options;
  }

  readiness(): Readiness {
    const isRegistered = this.#webhook !== null;
    // A canary that cannot publish for now must still be reached by what is under way.
    const api = this.#isAnswered ? 'ok' : 'degraded';
    return { ready: isRegistered, checks: { webhook: isRegistered ? 'ok' : 'failed', api } };
  }

  async registerFirst(): Promise<void> {
    try {
      await this.#register();
    } catch (error) {
      if (error instanceof HooklaneError && isFinal(error)) {
        throw new CliError(EXIT.refused, cureOf(error, this.#options.org));
      }
      this.#failed(error, 'canary.not_registered');
    }
  }

  async beat(signal: AbortSignal): Promise<'idle'> {
    await this.#tell('canary.not_looked_up', signal, () => this.#tellIfMissed());
    await this.#tell('canary.not_registered', signal, () => this.#register());
    // Whatever failed before: it may have been a look alone that did.
    await this.#tell('canary.not_published', signal, () => this.#publish(signal));
    return 'idle';
  }

  /** What fails is told and left to the next beat; nothing more is begun once it is to stop. */
  async #tell(what: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    if (signal.aborted) return;
    try {
      await work();
    } catch (error) {
      if (!signal.aborted) this.#failed(error, what);
    }
  }

  async #register(): Promise<void> {
    const { client, org, wanted, metrics, logger } = this.#options;
    const { webhook, mended, held } = await keepRegistered(client, org, wanted);
    this.#webhook = webhook;
    for (const mend of mended) metrics.mended(mend);
    if (mended.length > 0) logger.info({ webhook: webhook.id, mended }, 'canary.mended');
    if (held !== null) logger.warn({ webhook: webhook.id, held }, 'canary.held');
  }

  async #publish(signal: AbortSignal): Promise<void> {
    const { client, org, receipts, metrics } = this.#options;
    const name = randomUUID();
    this.#last = null;
    receipts.sent(name, performance.now());
    try {
      const { id } = await client.org(org).events.publish({ type: BEAT, payload: { beat: name } });
      this.#last = { name, eventId: id };
      this.#isAnswered = true;
      metrics.published('accepted');
    } catch (error) {
      if (!signal.aborted) metrics.published('failed');
      throw error;
    }
  }

  /** Where the chain is cut, as far as the API knows it. */
  async #tellIfMissed(): Promise<void> {
    const { client, org, receipts, logger } = this.#options;
    if (this.#last === null || this.#webhook === null || receipts.isBack(this.#last.name)) return;
    const { eventId } = this.#last;
    const { data } = await client.org(org).webhooks.attempts(this.#webhook.id, { limit: 10 });
    const attempt = data.find(({ event_id }) => event_id === eventId);
    const { outcome, detail, status } = attempt ?? { outcome: 'no attempt was made', detail: null, status: null };
    const cure = outcome === 'blocked' ? { cure: URL_CURE } : {};
    logger.warn({ event: eventId, outcome, detail, status, ...cure }, 'canary.missed');
  }

  #failed(error: unknown, what: string): void {
    const isExpected = error instanceof HooklaneError || error instanceof HooklaneConnectionError;
    if (!isExpected) throw error;
    this.#isAnswered = false;
    const { logger, org } = this.#options;
    const isForSomebody = error instanceof HooklaneError && isFinal(error);
    logger.warn({ problem: isForSomebody ? cureOf(error, org) : error.message }, what);
  }
}
