import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DUE_HIGH_WATER, PENDING_HIGH_WATER, paceOf } from './operation-pace.ts';

const IDLE = { active: true, due: 0, pending: 0 };
const kinds = fc.constantFrom('resend', 'replay', 'retry_now', 'cancel_pending');

describe('the pace of an operation', () => {
  it('is its rate: a step moves what the rate gives for its time', () => {
    expect(paceOf({ kind: 'replay', perSecond: 1_000, stepMs: 100, webhook: IDLE })).toEqual({
      rows: 100,
      lastsMs: 100,
    });
    expect(paceOf({ kind: 'resend', perSecond: 1, stepMs: 100, webhook: null })).toEqual({ rows: 1, lastsMs: 1_000 });
  });

  it('never fills more than the room that is left, and keeps the rate all the same', () => {
    const webhook = { active: true, due: DUE_HIGH_WATER - 10, pending: 0 };
    expect(paceOf({ kind: 'replay', perSecond: 1_000, stepMs: 100, webhook })).toEqual({ rows: 10, lastsMs: 10 });
    expect(
      fc.check(
        fc.property(
          kinds,
          fc.tuple(fc.nat(2_000), fc.nat(30_000)),
          fc.integer({ min: 1, max: 10_000 }),
          (kind, [due, more], perSecond) => {
            const pending = due + more;
            const pace = paceOf({ kind, perSecond, stepMs: 100, webhook: { active: true, due, pending } });
            if (kind === 'cancel_pending' || 'waitFor' in pace) return true;
            return (
              due + pace.rows <= DUE_HIGH_WATER && (kind === 'retry_now' || pending + pace.rows <= PENDING_HIGH_WATER)
            );
          },
        ),
      ).failed,
    ).toBe(false);
  });

  it('stands still while enough is due', () => {
    const webhook = { active: true, due: DUE_HIGH_WATER, pending: DUE_HIGH_WATER };
    expect(paceOf({ kind: 'retry_now', perSecond: 1_000, stepMs: 100, webhook })).toMatchObject({ waitFor: 'backlog' });
  });

  it('does not let the retries of a webhook that fails hold up a call to make them now', () => {
    const webhook = { active: true, due: 0, pending: PENDING_HIGH_WATER };
    expect(paceOf({ kind: 'retry_now', perSecond: 1_000, stepMs: 100, webhook })).toMatchObject({ rows: 100 });
    expect(paceOf({ kind: 'replay', perSecond: 1_000, stepMs: 100, webhook })).toMatchObject({ waitFor: 'backlog' });
  });

  it('stands still while the webhook is not active, unless nothing is to be sent', () => {
    const webhook = { active: false, due: 0, pending: 0 };
    expect(paceOf({ kind: 'resend', perSecond: 100, stepMs: 100, webhook })).toMatchObject({ waitFor: 'webhook' });
    expect(paceOf({ kind: 'cancel_pending', perSecond: 10_000, stepMs: 100, webhook })).toMatchObject({ rows: 1_000 });
  });
});
