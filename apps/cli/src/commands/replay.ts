import type { OrgClient, Replay } from '@hooklane/client';
import type { Command } from 'commander';
import { collect, moment, wholeNumber } from '../arguments.ts';
import { withOrg } from '../context.ts';
import { begun, describeOperation, follow, followedOf } from '../follow.ts';
import type { Output } from '../output.ts';
import { tellDryRun } from './diverted.ts';

interface StartOptions {
  since: string;
  until?: string;
  eventType?: string[];
  newIds: boolean;
  onlyMissing: boolean;
  perSecond?: number;
  dryRun: boolean;
  follow: boolean;
}

export function addReplay(program: Command): void {
  const replay = program
    .command('replay')
    .description('Send stored events again, and look after that and other operations');
  replay
    .command('start')
    .description('Send the stored events of a time range to a webhook, oldest first')
    .argument('<webhook>')
    .requiredOption('--since <time>', 'accepted at this time or later: ISO 8601, or an age such as 2h', moment)
    .option('--until <time>', 'accepted before this time; default: now', moment)
    .option('--event-type <pattern>', 'type or pattern; may be repeated', collect)
    .option('--new-ids', 'under a new webhook-id each: for a receiver that lost its data', false)
    .option('--only-missing', 'leave out what the webhook has accepted', false)
    .option('--per-second <n>', 'so many a second at most', wholeNumber(1, 10_000))
    .option('--dry-run', 'only tell how many would be sent', false)
    .option('--follow', 'wait for the end, with a progress bar', false)
    .action((webhook: string, options: StartOptions, command: Command) =>
      withOrg(command, (org, out) => start(org, { webhook, options }, out)),
    );
  replay
    .command('follow')
    .description('Show the progress of an operation until it has ended')
    .argument('<operation>')
    .action((id: string, _, command: Command) => withOrg(command, (org, out) => follow(followedOf(org), id, out)));
  replay
    .command('cancel')
    .description('End an operation; what it has done stays done')
    .argument('<operation>')
    .action((id: string, _, command: Command) =>
      withOrg(command, async (org, out) => {
        const operation = await org.operations.cancel(id);
        out.result(operation, () => describeOperation(operation));
      }),
    );
  replay
    .command('list')
    .description('List operations, newest first')
    .action((_, command: Command) =>
      withOrg(command, async (org, out) => {
        const page = await org.operations.list({ limit: 50 });
        out.result(page, () => page.data.map(describeOperation).join('\n') || 'There are none.');
      }),
    );
}

async function start(
  org: OrgClient,
  { webhook, options }: { webhook: string; options: StartOptions },
  out: Output,
): Promise<void> {
  const { since, until, eventType, newIds, onlyMissing, perSecond } = options;
  const replay: Replay = {
    since,
    ...(until !== undefined && { until }),
    ...(eventType !== undefined && { event_types: eventType }),
    ...(perSecond !== undefined && { per_second: perSecond }),
    new_ids: newIds,
    only_missing: onlyMissing,
  };
  if (options.dryRun) return tellDryRun(await org.webhooks.countReplay(webhook, replay), out);
  await begun(followedOf(org), await org.webhooks.replay(webhook, replay), { out, isFollowed: options.follow });
}
