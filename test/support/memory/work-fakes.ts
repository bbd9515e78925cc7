import { setImmediate } from 'node:timers/promises';
import type { LaneRules, Outcome } from '@hooklane/domain';
import { UNTHROTTLED } from '@hooklane/domain';
import type { DueQueue, DueRef, Sender, SendReport, SendRequest, Wake } from '@hooklane/engine';

/** A queue that keeps what it is told, and says what it is told to say. */
export class FakeQueue implements DueQueue {
  state: DueQueue['state'] = 'accepting';
  /** What it answers; null: it hangs. */
  taken: boolean | null = true;
  readonly announced: Array<{ refs: readonly DueRef[]; delayMs: number }> = [];

  /** What the store was left with, by the delays. */
  readonly left: number[] = [];
  /** As if the queue were crowded by one org. */
  isCrowded = false;
  waiting = 0;

  admits(): boolean {
    return this.state === 'accepting' && !this.isCrowded;
  }

  leaveToStore(delayMs = 0): void {
    this.left.push(delayMs);
  }

  announce(refs: readonly DueRef[], delayMs = 0): Promise<boolean> {
    this.announced.push({ refs, delayMs });
    return this.taken === null ? new Promise(() => {}) : Promise.resolve(this.taken);
  }
}

/** Lanes that are as large from the start as they get, whatever their receivers do. */
export function openLanes(limits: { total: number; perWebhook: number }): LaneRules {
  const { total, perWebhook } = limits;
  const any = Number.POSITIVE_INFINITY;
  return {
    total,
    perWebhook,
    start: perWebhook,
    failingSize: perWebhook,
    keptSlots: 0,
    slowSlots: any,
    doubtfulSlots: any,
    slowAfterMs: any,
  };
}

/** No limits beside the lanes. */
export const NO_THROTTLES = { host: UNTHROTTLED, workers: () => 1 };

/** For attempts whose lane does not matter. */
export const UNWITNESSED = { sending() {}, answered() {}, waitReason: () => null };

/** Keeps the delays it was asked for. */
export class FakeWake implements Wake {
  readonly delaysMs: number[] = [];

  soon(delayMs = 0): void {
    this.delaysMs.push(delayMs);
  }
}

export const ACCEPTED: Outcome = { kind: 'accepted', status: 200 };

/** Answers every request with the same outcome, and keeps the requests. */
export class FakeSender implements Sender {
  outcome: Outcome = ACCEPTED;
  durationMs = 40;
  readonly requests: SendRequest[] = [];

  async send(request: SendRequest): Promise<SendReport> {
    this.requests.push(request);
    return reportOf(this.outcome, this.durationMs);
  }
}

export interface HeldRequest {
  webhookId: string;
  answer(outcome?: Outcome): void;
}

/** Receivers that answer when the test says so. Webhooks are known by their URLs in the memory store. */
export class HeldSender implements Sender {
  /** Under way, in the order in which they were sent. */
  readonly held: HeldRequest[] = [];

  send({ url }: SendRequest): Promise<SendReport> {
    return new Promise((resolve) => {
      const request: HeldRequest = {
        webhookId: url.slice(url.lastIndexOf('/') + 1),
        answer: (outcome = ACCEPTED) => {
          this.held.splice(this.held.indexOf(request), 1);
          resolve(reportOf(outcome, 40));
        },
      };
      this.held.push(request);
    });
  }

  heldFor(webhookId: string): HeldRequest[] {
    return this.held.filter((request) => request.webhookId === webhookId);
  }

  answerAll(): void {
    for (const request of [...this.held]) request.answer();
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  await setImmediate();
}

export function reportOf(outcome: Outcome, durationMs: number): SendReport {
  const status = 'status' in outcome ? outcome.status : null;
  const response = status === null ? null : { status, headers: {}, body: Buffer.from('ok'), truncated: false };
  return { outcome, durationMs, response };
}
