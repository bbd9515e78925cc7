import { asId } from '@hooklane/domain';
import type { DueRef } from '@hooklane/engine';
import type { BulkJobOptions, DefaultJobOptions } from 'bullmq';
import { z } from 'zod';

export interface NewJob {
  name: string;
  data: JobData;
  opts: BulkJobOptions;
}

/** Ids only. As a tuple: the names of its fields would be half of its size. */
export type JobData = [deliveryId: string, webhookId: string, attempt: number];

/**
 * An attempt that was announced before has the same id: BullMQ ignores it. No colon: BullMQ refuses it. Delayed jobs have
 * ids of their own: the clock of whoever announces says when they wake, and with a wrong one they would swallow for hours
 * what the relay announces.
 */
export function jobOf({ deliveryId, webhookId, attempt }: DueRef, delayMs: number): NewJob {
  const jobId = `${deliveryId}-${attempt}`;
  return {
    name: JOB_NAME,
    data: [deliveryId, webhookId, attempt],
    opts: delayMs > 0 ? { jobId: `${jobId}-later`, delay: Math.ceil(delayMs) } : { jobId },
  };
}

const JOB_NAME = 'due';

export const JOB_OPTIONS: DefaultJobOptions = {
  // For our own faults only: what a receiver answers never fails a job.
  attempts: 3,
  backoff: { type: 'fixed', delay: 500 },
  // A job that is kept, completed or failed, swallows without a sign whatever is announced under its id.
  removeOnComplete: true,
  removeOnFail: true,
  // Else every failure would write a stack into the job.
  stackTraceLimit: 0,
  sizeLimit: 256,
};

/** Null when it is none of ours. Whoever can write to Redis can put anything here. */
export function refOf(data: unknown): DueRef | null {
  const parsed = jobData.safeParse(data);
  if (!parsed.success) return null;
  const [deliveryId, webhookId, attempt] = parsed.data;
  return { deliveryId: asId('dlv', deliveryId), webhookId: asId('wh', webhookId), attempt };
}

/** A newer version may say more at the end; while the two run side by side the older one takes what it understands. */
const jobData = z.tuple([z.uuid(), z.uuid(), z.int().min(1)]).rest(z.unknown());
