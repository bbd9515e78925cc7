import type { NextStep } from '@hooklane/domain';
import { nextStep, stepWithoutSending } from '@hooklane/domain';
import type { AttemptTracer } from './attempt-tracer.ts';
import { tracedRequest } from './attempt-tracer.ts';
import type { Claim, DueQueue, DueStore, SentAttempt } from './due-work.ts';
import type { Sender, Witness } from './sending.ts';

/** Retries due within this ride in the queue as delayed jobs; later ones stay in the store until the relay finds them. */
export const QUEUED_RETRY_MAX_MS = 60_000;

export interface AttemptPorts {
  due: Pick<DueStore, 'record' | 'unqueue'>;
  queue: DueQueue;
  sender: Sender;
  /** Default: attempts are not traced. */
  tracer?: AttemptTracer | null;
  random: () => number;
  observe: (attempted: Attempted) => void;
}

/** One attempt, as the log tells it. */
export interface Attempted {
  claim: Claim;
  step: NextStep;
  /** Null when nothing was sent, because the webhook was not active or the event is gone. */
  sent: SentAttempt | null;
  /** False when the claim was lost to another worker meanwhile: nothing of this attempt was written. */
  recorded: boolean;
}

/** Makes one attempt of a claimed delivery and writes down what came of it. */
export async function attemptDelivery(ports: AttemptPorts, claim: Claim, witness: Witness): Promise<void> {
  const { step, sent } = withoutSending(claim) ?? (await send(ports, claim, witness));

  const isSoon = step.kind === 'retry' && step.delayMs <= QUEUED_RETRY_MAX_MS;
  const queued = isSoon && ports.queue.admits(claim.orgId, 1, { isLater: true });
  const recorded = await ports.due.record({ claim, step, sent, queued });
  ports.observe({ claim, step, sent, recorded });

  if (recorded && isSoon) await announceRetry(ports, claim, { delayMs: step.delayMs, queued });
}

function withoutSending(claim: Claim): { step: NextStep; sent: null } | null {
  const { standing, origin, event, destination } = claim;
  if (origin === 'alert' && destination.policy.alertUrl === null) return { step: NOBODY_TO_TELL, sent: null };
  const step = stepWithoutSending({ standing, origin, hasEvent: event !== null, divert: destination.policy.divert });
  return step && { step, sent: null };
}

/** The alert URL was taken away while an alert was under way. */
const NOBODY_TO_TELL: NextStep = { kind: 'discard', reason: 'alert_failed', suspend: false };

async function send(ports: AttemptPorts, claim: Claim, witness: Witness): Promise<Pick<Attempted, 'step' | 'sent'>> {
  const { claimedAtMs: startedAtMs, lateMs } = claim;
  const { request, trace } = tracedRequest(ports.tracer ?? null, claim);
  witness.sending();
  const report = await ports.sender.send(request);
  witness.answered(report);
  const step = nextStep({
    outcome: report.outcome,
    attemptInRound: claim.attemptInRound,
    ageMs: claim.ageMs + report.durationMs,
    origin: claim.origin,
    policy: claim.destination.policy,
    random: ports.random(),
  });
  trace?.end(report, step);
  const waitedFor = witness.waitReason(lateMs);
  return { step, sent: { report, requestHeaders: request.headers, startedAtMs, waitedFor } };
}

/**
 * What does not go to the queue wakes, in time, the workers that read the store. A retry that the queue did not take is left
 * to the relay, which must not believe that it is queued.
 */
async function announceRetry(
  ports: AttemptPorts,
  claim: Claim,
  { delayMs, queued }: { delayMs: number; queued: boolean },
): Promise<void> {
  if (!queued) return ports.queue.leaveToStore(delayMs);
  const next = { deliveryId: claim.deliveryId, webhookId: claim.webhookId, attempt: claim.attempt + 1 };
  const taken = await ports.queue.announce([next], delayMs);
  if (!taken) await ports.due.unqueue([next]);
}
