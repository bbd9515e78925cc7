import type { DivertedEvent, DivertedFilter, DryRun, OrgClient } from '@hooklane/client';
import type { Command } from 'commander';
import { collect, moment, wholeNumber } from '../arguments.ts';
import type { Globals } from '../context.ts';
import { withClient, withOrg } from '../context.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { begun, followedByOperator, followedOf } from '../follow.ts';
import type { Output } from '../output.ts';
import { table } from '../output.ts';

interface FilterOptions {
  reason?: string[];
  eventType?: string[];
  since?: string;
  until?: string;
}

interface ResendOptions extends FilterOptions {
  perSecond?: number;
  dryRun: boolean;
  follow: boolean;
}

export function addDiverted(program: Command): void {
  const diverted = program.command('diverted').description('Events that were set aside instead of sent');
  withFilter(diverted.command('list').description('List them, newest first'))
    .argument('[webhook]', 'of this webhook; without it, of the whole org')
    .option('--limit <n>', 'how many at most', wholeNumber(1, 10_000), 100)
    .action((webhook: string | undefined, options: FilterOptions & { limit: number }, command: Command) =>
      withOrg(command, (org, out) => list(org, { webhook, options }, out)),
    );
  const resending = ofResending(
    diverted.command('resend').description('Send them again, oldest first: one, those of a webhook, or all'),
  )
    .argument('[webhook]', 'of this webhook; without it, of the whole org')
    .argument('[event]', 'this one alone');
  resending.action((webhook: string | undefined, event: string | undefined, options: ResendOptions) =>
    withOrg(resending, (org, out) =>
      event === undefined || webhook === undefined
        ? resend(org, { webhook, options }, out)
        : resendOne(org, { webhook, event, isDry: options.dryRun }, out),
    ),
  );
  addResendAll(diverted);
}

/** All orgs, unless one is named. */
function addResendAll(diverted: Command): void {
  ofResending(
    diverted
      .command('resend-all')
      .description("Send again what was diverted of many (the operator's key): of --org, or of all orgs"),
  ).action((options: ResendOptions, command: Command) =>
    withClient(command, async (client, out) => {
      const { org } = command.optsWithGlobals<Globals>();
      const filter = { ...filterOf(options), ...(org !== undefined && { org }) };
      if (options.dryRun) return tellDryRun(await client.admin.countReplayDiverted(filter), out);
      const operation = await client.admin.replayDiverted(filter, options);
      await begun(followedByOperator(client), operation, { out, isFollowed: options.follow });
    }),
  );
}

function ofResending(command: Command): Command {
  return withFilter(command)
    .option('--per-second <n>', 'so many a second at most', wholeNumber(1, 10_000))
    .option('--dry-run', 'only tell how many would be sent', false)
    .option('--follow', 'wait for the end, with a progress bar', false);
}

function withFilter(command: Command): Command {
  return command
    .option('--reason <reason>', 'only those with this reason; may be repeated', collect)
    .option('--event-type <type>', 'only those of this type; may be repeated', collect)
    .option('--since <time>', 'diverted at this time or later: ISO 8601, or an age such as 2h', moment)
    .option('--until <time>', 'diverted before this time', moment);
}

function filterOf({ reason, eventType, since, until }: FilterOptions): DivertedFilter {
  const given = { reasons: reason, event_types: eventType, since, until };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as DivertedFilter;
}

async function list(
  org: OrgClient,
  { webhook, options }: { webhook: string | undefined; options: FilterOptions & { limit: number } },
  out: Output,
): Promise<void> {
  const { reasons: reason, event_types: event_type, ...times } = filterOf(options);
  const query = { ...times, ...(reason && { reason }), ...(event_type && { event_type }) };
  const pages = webhook === undefined ? org.diverted.ofOrg.all(query) : org.diverted.all(webhook, query);
  const found: DivertedEvent[] = [];
  for await (const one of pages) {
    found.push(one);
    if (found.length === options.limit) break;
  }
  out.result({ data: found }, () =>
    table(
      ['diverted at', 'webhook', 'event', 'type', 'reason', 'attempts', 'message'],
      found.map((one) => [
        one.diverted_at,
        one.webhook_id,
        one.event_id,
        one.event_type,
        one.reason,
        one.attempts,
        one.message,
      ]),
    ),
  );
}

async function resend(
  org: OrgClient,
  { webhook, options }: { webhook: string | undefined; options: ResendOptions },
  out: Output,
): Promise<void> {
  const filter = filterOf(options);
  if (options.dryRun) {
    const counted =
      webhook === undefined
        ? await org.diverted.ofOrg.countResend(filter)
        : await org.diverted.countResend(webhook, filter);
    return tellDryRun(counted, out);
  }
  const operation =
    webhook === undefined
      ? await org.diverted.ofOrg.resendAll(filter, options)
      : await org.diverted.resendAll(webhook, filter, options);
  await begun(followedOf(org), operation, { out, isFollowed: options.follow });
}

export function tellDryRun(counted: DryRun, out: Output): void {
  const { would_send: count } = counted;
  out.result(counted, () => `${count ?? 'more than 100,000'} would be sent; nothing was.`);
}

async function resendOne(
  org: OrgClient,
  { webhook, event, isDry }: { webhook: string; event: string; isDry: boolean },
  out: Output,
): Promise<void> {
  if (isDry) {
    await org.diverted.get(webhook, event);
    return tellDryRun({ dry_run: true, would_send: 1 }, out);
  }
  const attempt = await org.diverted.resend(webhook, event, { wait: true });
  if ('delivery_id' in attempt && !('outcome' in attempt)) {
    return out.result(attempt, () => `${event} is on its way.`);
  }
  out.result(attempt, () => `${event}: ${attempt.outcome} ${attempt.status ?? ''}`.trimEnd());
  if (attempt.outcome !== 'accepted') throw new CliError(EXIT.failed, `The receiver did not accept ${event}.`);
}
