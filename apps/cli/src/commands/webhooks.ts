import type { OrgClient, Webhook } from '@hooklane/client';
import type { Command } from 'commander';
import { collect } from '../arguments.ts';
import type { Globals } from '../context.ts';
import { withClient, withOrg } from '../context.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { table } from '../output.ts';

export function addWebhooks(program: Command): void {
  const webhooks = program.command('webhooks').description('Look at webhooks, and change what they do');
  addReading(webhooks);
  addCreate(webhooks);
  for (const [name, what] of Object.entries(ACTS)) {
    webhooks
      .command(name)
      .description(what)
      .argument('<webhook>')
      .action((id: string, _, command: Command) =>
        withOrg(command, async (org, out) => tell(await org.webhooks[name as keyof typeof ACTS](id), out)),
      );
  }
  addPing(webhooks);
  addUnsuspendAll(webhooks);
  webhooks
    .command('delete')
    .description('Delete a webhook; what is pending for it is discarded')
    .argument('<webhook>')
    .action((id: string, _, command: Command) =>
      withOrg(command, async (org, out) => {
        await org.webhooks.delete(id);
        out.result({ id, deleted: true }, () => `${id} is deleted.`);
      }),
    );
}

const ACTS = {
  suspend: 'Suspend a webhook: its events are diverted',
  unsuspend: 'End the suspension of a webhook; what was diverted stays so',
  pause: 'Keep the deliveries of a webhook waiting',
  resume: 'Let the deliveries of a webhook go on',
} as const;

function addReading(webhooks: Command): void {
  webhooks
    .command('list')
    .description('List the webhooks of the org')
    .option('--suspended', 'only those that are suspended')
    .action((options: { suspended?: true }, command: Command) =>
      withOrg(command, (org, out) => list(org, options, out)),
    );
  webhooks
    .command('get')
    .description('Show one, with all its settings')
    .argument('<webhook>')
    .action((id: string, _, command: Command) =>
      withOrg(command, async (org, out) => {
        const webhook = await org.webhooks.get(id);
        out.result(webhook, () => JSON.stringify(webhook, null, 2));
      }),
    );
}

async function list(org: OrgClient, query: { suspended?: true }, out: Output): Promise<void> {
  const all: Webhook[] = [];
  for await (const webhook of org.webhooks.all(query)) all.push(webhook);
  out.result({ data: all }, () =>
    table(
      ['webhook', 'name', 'state', 'events', 'url'],
      all.map((one) => [one.id, one.name, stateOf(one), one.events.join(' '), one.url]),
    ),
  );
}

function stateOf({ enabled, suspended, paused }: Webhook): string {
  if (!enabled) return 'disabled';
  if (suspended !== null) return `suspended (${suspended.reason})`;
  return paused === null ? 'active' : `paused (${paused.scope})`;
}

function addCreate(webhooks: Command): void {
  webhooks
    .command('create')
    .description('Register a receiver; the answer has its secret, this once')
    .argument('<url>')
    .option('--event <pattern>', 'type or pattern it wants; may be repeated; default: all', collect)
    .option('--name <name>', 'what people call it')
    .option('--profile <profile>', 'whose conventions it is sent in')
    .option('--no-ping', 'send no trial request')
    .action(
      (url: string, options: { event?: string[]; name?: string; profile?: string; ping: boolean }, command: Command) =>
        withOrg(command, async (org, out) => {
          const { event: events = ['*'], name, profile, ping } = options;
          const webhook = await org.webhooks.create({
            url,
            events,
            ping,
            ...(name !== undefined && { name }),
            // The API knows which there are, and says so.
            ...(profile !== undefined && { profile: profile as Webhook['profile'] }),
          });
          out.result(webhook, () => `${webhook.id}\nsecret ${webhook.secret ?? webhook.public_key ?? 'none'}`);
        }),
    );
}

function addPing(webhooks: Command): void {
  webhooks
    .command('ping')
    .description('Send a trial request and wait for its answer; exit code 1 unless it was accepted')
    .argument('<webhook>')
    .action((id: string, _, command: Command) =>
      withOrg(command, async (org, out) => {
        const attempt = await org.webhooks.ping(id, { wait: true });
        out.result(attempt, () => `${attempt.outcome ?? 'on its way'} ${attempt.status ?? ''}`.trimEnd());
        if (attempt.outcome !== 'accepted') throw new CliError(EXIT.failed, 'The receiver did not accept it.');
      }),
    );
}

/** All orgs, unless one is named. */
function addUnsuspendAll(webhooks: Command): void {
  webhooks
    .command('unsuspend-all')
    .description("End the suspension of many (the operator's key): those of --org, or of all orgs")
    .option('--reason <reason>', 'failures, gone or manual; may be repeated', collect)
    .option('--dry-run', 'only tell which they are', false)
    .action((options: { reason?: string[]; dryRun: boolean }, command: Command) =>
      withClient(command, async ({ admin }, out) => {
        const { org } = command.optsWithGlobals<Globals>();
        const { reason, dryRun } = options;
        const filter = {
          ...(org !== undefined && { org }),
          ...(reason && { reasons: reason as ('failures' | 'gone')[] }),
        };
        const done = await admin.unsuspend(filter, { dryRun });
        const text = dryRun
          ? `${done.remaining} would be unsuspended; none was.`
          : `${done.unsuspended} unsuspended, ${done.remaining} left.`;
        out.result(done, () => text);
      }),
    );
}

function tell(webhook: Webhook, out: Output): void {
  out.result(webhook, () => `${webhook.id} is ${stateOf(webhook)}.`);
}
