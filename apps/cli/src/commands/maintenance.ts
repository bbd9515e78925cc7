import type { Client, ErasureDryRun } from '@hooklane/client';
import type { Command } from 'commander';
import { wholeNumber } from '../arguments.ts';
import { confirm } from '../confirm.ts';
import { withClient } from '../context.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { begun, followedByOperator } from '../follow.ts';
import type { Output } from '../output.ts';

interface WorkOptions {
  perSecond?: number;
  dryRun: boolean;
  follow: boolean;
}

interface EraseOptions extends WorkOptions {
  yes: boolean;
}

/** What the operator does now and then to all that is stored. */
export function addMaintenance(program: Command): void {
  ofWork(
    program
      .command('erase')
      .description("Delete an org and everything that was its, for good (the operator's key)")
      .argument('<org>', 'its slug; of one that is deleted already, its id (org_…)')
      .option('--yes', 'do not ask for the slug again', false),
  ).action((org: string, options: EraseOptions, command: Command) =>
    withClient(command, (client, out) => erase(client, { org, options }, out)),
  );
  ofWork(
    program
      .command('reseal')
      .description("Seal all secrets with the newest of HOOKLANE_SEALING_KEYS (the operator's key)"),
  ).action((options: WorkOptions, command: Command) =>
    withClient(command, (client, out) => reseal(client, options, out)),
  );
}

function ofWork(command: Command): Command {
  return command
    .option('--per-second <n>', 'so many rows a second at most; 5000 otherwise', wholeNumber(1, 10_000))
    .option('--dry-run', 'only tell what it would come to', false)
    .option('--follow', 'wait for the end, with a progress bar', false);
}

async function erase(
  client: Client,
  { org, options }: { org: string; options: EraseOptions },
  out: Output,
): Promise<void> {
  // Slugs have no underscore.
  const id = org.startsWith('org_') ? org : (await client.orgs.get(org)).id;
  const found = await client.admin.countErase(id);
  if (options.dryRun) return out.result(found, () => `${describe(found)} would be erased; nothing was.`);
  if (!options.yes) {
    out.note(`${describe(found)} will be erased. That cannot be undone.`);
    const isMeant = await confirm(`Type ${found.slug} to go on: `, found.slug);
    if (!isMeant) throw new CliError(EXIT.failed, 'That is not its slug: nothing was erased.');
  }
  await begun(followedByOperator(client), await client.admin.erase(id, options), {
    out,
    isFollowed: options.follow,
  });
}

function describe({ slug, org_id, deleted, would_erase }: ErasureDryRun): string {
  return `${slug} (${org_id}${deleted ? ', deleted' : ''}) with ${would_erase ?? 'more than 100,000'} rows`;
}

async function reseal(client: Client, options: WorkOptions, out: Output): Promise<void> {
  if (options.dryRun) {
    const found = await client.admin.countReseal();
    const count = found.would_seal ?? 'more than 100,000';
    return out.result(found, () => `${count} would be sealed with key "${found.key_id}"; nothing was.`);
  }
  const operation = await client.admin.reseal(options);
  await begun(followedByOperator(client), operation, { out, isFollowed: options.follow });
}
