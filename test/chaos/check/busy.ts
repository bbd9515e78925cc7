import type { Evidence } from './evidence.ts';

/** Below this share of idle time others want the processors all the time: waiting for one looks like any other waiting. */
const BUSY_IDLE = 0.05;

/** Whether the machine had no processor to spare in this time. Times are ms since 1970. */
export function isBusy({ samples }: Pick<Evidence, 'samples'>, from: number, until: number): boolean {
  const during = samples.filter(({ t }) => t >= from && t <= until);
  const idle = during.reduce((sum, sample) => sum + sample.idle, 0) / Math.max(1, during.length);
  return idle < BUSY_IDLE;
}
