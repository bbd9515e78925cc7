import { expect, it } from 'vitest';
import { onBothQueues } from '../support/house.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

onBothQueues('the log of a webhook', (open) => {
  it('shows exactly the newest 100 attempts, before the reaper came and after', async () => {
    await using house = await open();
    await house.reaper.stop();
    await using receiver = await startReceiver();
    const busy = await house.webhook(receiver, { events: ['busy.*'] });
    const quiet = await house.webhook(receiver, { events: ['quiet.*'] });
    await house.org.events.publish({ type: 'quiet.one', payload: 0 });
    await Promise.all(
      Array.from({ length: 130 }, (_, n) => house.org.events.publish({ type: 'busy.one', payload: n })),
    );
    const rows = async (webhook: string) => {
      const { rows: found } = await house.pool.query<{ count: number }>(
        'SELECT count(*)::int AS count FROM attempts WHERE webhook_id = (SELECT id FROM webhooks WHERE events = $1)',
        [[webhook]],
      );
      return found[0]?.count;
    };
    await until(async () => (await rows('busy.*')) === 130, { what: '130 attempts in the log' });
    const shown = await readAll(busy.id);
    expect(shown).toHaveLength(100);

    await house.reaper.start();

    await until(async () => (await rows('busy.*')) === 100, { what: 'the reaper' });
    expect(await readAll(busy.id)).toEqual(shown);
    expect(await readAll(quiet.id)).toHaveLength(1);
    expect(await rows('quiet.*')).toBe(1);

    async function readAll(webhook: string): Promise<string[]> {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await house.org.webhooks.attempts(webhook, { limit: 30, ...(cursor && { cursor }) });
        ids.push(...page.data.map((attempt) => attempt.id));
        cursor = page.next_cursor ?? undefined;
      } while (cursor !== undefined);
      return ids;
    }
  });
});
