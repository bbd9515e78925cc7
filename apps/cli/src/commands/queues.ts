import type { Queues } from '@hooklane/client';
import type { Command } from 'commander';
import { withClient } from '../context.ts';
import { table } from '../output.ts';

export function addQueues(program: Command): void {
  program
    .command('queues')
    .description("How much there is to do, and for how long the oldest has been due (the operator's key)")
    .action((_, command: Command) =>
      withClient(command, async ({ admin }, out) => {
        const queues = await admin.queues();
        out.result(queues, () => describe(queues));
      }),
    );
}

function describe({ queue, pending, oldest_due_ms, backlogs, diverted, operations_running }: Queues): string {
  const rows = [
    ['due', pending.due],
    ['queued', pending.queued],
    ['in flight', pending.in_flight],
    ['scheduled', pending.scheduled],
    ['oldest due', oldest_due_ms === null ? null : `${(oldest_due_ms / 1000).toFixed(1)} s`],
    ...Object.entries(diverted).map(([reason, count]) => [`diverted: ${reason}`, count]),
    ['operations', operations_running],
    ['queue', queue],
  ];
  const figures = table(['', 'now'], rows);
  if (backlogs.length === 0) return figures;
  const busiest = backlogs.map((one) => [one.webhook_id, one.org_id, one.pending, one.due]);
  return `${figures}\n\n${table(['webhook', 'org', 'pending', 'due'], busiest)}`;
}
