import type { NewWebhook } from '@hooklane/client';
import { createRandom } from './random.ts';

/** How the receiver of one webhook answers. All of it is decided by the seed and the event. */
export type Behaviour =
  | { readonly kind: 'ok' }
  /** Refuses the first 1 to `most` attempts of each event. */
  | { readonly kind: 'flaky'; readonly most: number }
  /** Answers 2xx late, but before the deadline. */
  | { readonly kind: 'slow'; readonly delayMs: readonly [number, number] }
  /** 429 with `Retry-After: 1` at the first attempt of each event. */
  | { readonly kind: 'throttled' }
  /** Breaks the connection at the first attempt of every second event. */
  | { readonly kind: 'resets' }
  /** 410 from the n-th request on. */
  | { readonly kind: 'gone'; readonly after: number }
  /** 500 until it is mended. */
  | { readonly kind: 'broken' }
  /** Never answers. */
  | { readonly kind: 'hangs' };

export interface PlannedWebhook {
  readonly name: string;
  /** The one pattern it is subscribed with; also the part of the traffic that is for it. */
  readonly pattern: string;
  readonly behaviour: Behaviour;
  readonly settings: Pick<NewWebhook, 'failure_policy' | 'headers' | 'timeout_ms'>;
}

/** What `failure_policy.retry` says, as the checker needs it. */
export interface Schedule {
  /** Delay after the k-th attempt (from 1) before jitter, ms; null after the last one. */
  baseMs(attempt: number): number | null;
  readonly maxAttempts: number;
}

const PATIENT = { kind: 'exponential', interval_ms: 300, factor: 2, cap_ms: 2_000, max_attempts: 40 } as const;
const never = { suspend: null } as const;

export const TIMEOUT_MS = 1_000;

export interface Canaries {
  readonly authorization: string;
  readonly apiKey: string;
}

/** The webhooks of a run. `healthy` ones always answer 2xx at once. */
export function planWebhooks(seed: number, canaries: Canaries): PlannedWebhook[] {
  const random = createRandom(seed, 'webhooks');
  const patient = { failure_policy: { retry: PATIENT, ...never } };
  const list = (...delays_ms: number[]) => ({ kind: 'list', delays_ms }) as const;
  return [
    {
      name: 'steady',
      pattern: 'order.*',
      behaviour: { kind: 'ok' },
      settings: {
        ...patient,
        headers: { authorization: `Bearer ${canaries.authorization}`, 'x-api-key': canaries.apiKey },
      },
    },
    { name: 'everything', pattern: '*', behaviour: { kind: 'ok' }, settings: patient },
    {
      name: 'flaky',
      pattern: 'invoice.*',
      behaviour: { kind: 'flaky', most: random.between(2, 4) },
      settings: patient,
    },
    {
      name: 'slow',
      pattern: 'ticket.*',
      behaviour: { kind: 'slow', delayMs: [100, random.between(300, 600)] },
      settings: patient,
    },
    { name: 'throttled', pattern: 'quota.*', behaviour: { kind: 'throttled' }, settings: patient },
    { name: 'resets', pattern: 'link.*', behaviour: { kind: 'resets' }, settings: patient },
    {
      name: 'gone',
      pattern: 'legacy.*',
      behaviour: { kind: 'gone', after: random.between(30, 120) },
      settings: patient,
    },
    {
      name: 'broken',
      pattern: 'bad.*',
      behaviour: { kind: 'broken' },
      settings: {
        failure_policy: {
          retry: list(300, 600),
          suspend: { after_failures: random.between(5, 12), after_ms: 500 },
        },
      },
    },
    {
      name: 'refusing',
      pattern: 'lost.*',
      behaviour: { kind: 'broken' },
      settings: { failure_policy: { retry: list(200, 400), ...never } },
    },
    {
      name: 'hanging',
      pattern: 'tar.*',
      behaviour: { kind: 'hangs' },
      settings: { failure_policy: { retry: list(500), ...never }, timeout_ms: 2_000 },
    },
  ];
}

/** Those that always answer 2xx at once: all waiting there is our own. */
export function isHealthy(webhook: PlannedWebhook): boolean {
  return webhook.behaviour.kind === 'ok';
}

/** Those whose receiver is mended in the course of the run: what was diverted for them is sent again. */
export function isMended(webhook: PlannedWebhook): boolean {
  return webhook.behaviour.kind === 'broken';
}

/** Of one attempt, ms. */
export function timeoutMsOf({ settings }: PlannedWebhook): number {
  return settings.timeout_ms ?? TIMEOUT_MS;
}

export function scheduleOf({ settings }: PlannedWebhook): Schedule {
  const retry = settings.failure_policy?.retry ?? PATIENT;
  if (retry.kind === 'list') {
    return {
      baseMs: (attempt) => retry.delays_ms[attempt - 1] ?? null,
      maxAttempts: retry.delays_ms.length + 1,
    };
  }
  return {
    baseMs: (attempt) =>
      attempt >= PATIENT.max_attempts
        ? null
        : Math.min(PATIENT.interval_ms * PATIENT.factor ** (attempt - 1), PATIENT.cap_ms),
    maxAttempts: PATIENT.max_attempts,
  };
}

/** The checker's own idea of which events are for a webhook: the product's is under test. */
export function isFor(webhook: Pick<PlannedWebhook, 'pattern'>, type: string): boolean {
  return webhook.pattern === '*' || type.startsWith(webhook.pattern.slice(0, -1));
}

/** Parts of a hundred. What is for no webhook of its own still is for `*`. */
const TRAFFIC: ReadonlyArray<readonly [type: string, share: number]> = [
  ['order.paid', 40],
  ['invoice.sent', 14],
  ['ticket.opened', 8],
  ['quota.used', 8],
  ['link.followed', 8],
  ['legacy.synced', 6],
  ['bad.luck', 7],
  ['lost.cause', 4],
  ['tar.pit', 3],
  ['quiet.night', 2],
];

/** `calm`: only what goes to healthy receivers. `flood`: more than all slots could take to the one that never answers. */
export type Phase = 'calm' | 'flood' | 'mixed';

export function typeOf(draw: number, phase: Phase): string {
  if (phase === 'calm') return draw < 0.6 ? 'order.paid' : 'quiet.night';
  if (phase === 'flood') return draw < 0.6 ? 'tar.pit' : 'order.paid';
  let left = draw * 100;
  for (const [type, share] of TRAFFIC) {
    left -= share;
    if (left < 0) return type;
  }
  return 'quiet.night';
}
