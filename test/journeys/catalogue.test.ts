import { expect, it } from 'vitest';
import { openHouse } from '../support/house.ts';

const TYPE = 'invoice.paid';
const DEMANDS = { type: 'object', required: ['amount'] };

it('a change of the catalogue holds from its answer on, for what is refused as for what is taken', async () => {
  await using house = await openHouse({ redis: false });
  const { events, eventTypes } = house.org;
  const publish = () => events.publish({ type: TYPE, payload: {} });
  await publish();

  for (let turn = 0; turn < 5; turn++) {
    await eventTypes.put(TYPE, { schema: DEMANDS });
    await expect(publish()).rejects.toMatchObject({ code: 'payload_schema_mismatch' });
    const batch = await events.publishBatch(Array(3).fill({ type: TYPE, payload: {} }));
    expect(batch.map(({ status }) => status)).toEqual([422, 422, 422]);
    await eventTypes.put(TYPE, { schema: { type: 'object' } });
    expect(await publish()).toMatchObject({ id: expect.any(String) });
  }
});
