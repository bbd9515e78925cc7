import type { Pause } from '@hooklane/engine';
import { z } from 'zod';
import { time, timestamp } from './fields.ts';

export const pauseScope = z.enum(['all', 'org', 'webhook']);

/** As a field of an org or a webhook. */
export const pausedField = z
  .strictObject({ scope: pauseScope.describe('The widest pause there is.'), at: timestamp })
  .nullable()
  .describe('Nothing is sent for now: events are taken, and wait. Null: not paused.');

export function presentPaused(pause: Pause | null): z.output<typeof pausedField> {
  return pause && { scope: pause.scope, at: time(pause.at) };
}
