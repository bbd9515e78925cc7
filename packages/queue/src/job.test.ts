import { asId } from '@hooklane/domain';
import { describe, expect, test } from 'vitest';
import { jobOf, refOf } from './job.ts';

const deliveryId = asId('dlv', '01921f2e-7d6f-7c3a-9b1e-0123456789ab');
const webhookId = asId('wh', '01921f2e-7d6f-7c3a-9b1e-ba9876543210');

describe('jobs', () => {
  test('a ref comes out as it went in', () => {
    const ref = { deliveryId, webhookId, attempt: 12 };
    expect(refOf(JSON.parse(JSON.stringify(jobOf(ref, 0).data)))).toEqual(ref);
  });

  test('what a newer version says besides is left out', () => {
    expect(refOf([deliveryId, webhookId, 1, 'more', {}])).toEqual({ deliveryId, webhookId, attempt: 1 });
  });

  test('the id names the attempt, and a delay is whole milliseconds, never too few', () => {
    expect(jobOf({ deliveryId, webhookId, attempt: 2 }, 0.2).opts).toEqual({
      jobId: `${deliveryId}-2-later`,
      delay: 1,
    });
    expect(jobOf({ deliveryId, webhookId, attempt: 2 }, 0).opts).toEqual({ jobId: `${deliveryId}-2` });
  });

  test.each([
    undefined,
    null,
    'text',
    {},
    [],
    [deliveryId, webhookId],
    [deliveryId, webhookId, '1'],
    [deliveryId, webhookId, 0],
    [deliveryId, webhookId, 1.5],
    ["' OR 1=1 --", webhookId, 1],
    [deliveryId, { toString: 'x' }, 1],
  ])('%j is none of ours', (data) => {
    expect(refOf(data)).toBeNull();
  });
});
