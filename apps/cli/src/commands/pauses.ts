import type { Command } from 'commander';
import { Option } from 'commander';
import type { Globals } from '../context.ts';
import { withClient, withOrg } from '../context.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { table } from '../output.ts';

interface PauseOptions {
  webhook?: string;
  all: boolean;
}

export function addPauses(program: Command): void {
  for (const way of ['pause', 'resume'] as const) {
    program
      .command(way)
      .description(`${WHAT[way]}: of the org (the operator), of one webhook, or of everybody (the operator)`)
      .option('--webhook <id>', 'of this webhook')
      .addOption(new Option('--all', 'of all orgs').default(false).conflicts('webhook'))
      .action((options: PauseOptions, command: Command) => turn(way, options, command));
  }
  program
    .command('pauses')
    .description("Whose deliveries are paused, and since when (the operator's key)")
    .action((_, command: Command) =>
      withClient(command, async ({ admin }, out) => {
        const paused = await admin.pauses();
        const rows = paused.pauses.map((one) => [one.scope, one.org_id, one.webhook_id, one.at]);
        out.result(paused, () => (rows.length === 0 ? 'Nobody.' : table(['scope', 'org', 'webhook', 'since'], rows)));
      }),
    );
}

const WHAT = { pause: 'Keep deliveries waiting', resume: 'Let deliveries go on' };

async function turn(way: 'pause' | 'resume', { webhook, all }: PauseOptions, command: Command): Promise<void> {
  const done = way === 'pause' ? 'Paused' : 'Resumed';
  if (all) {
    // HOOKLANE_ORG is there for all commands; who types an org means it.
    if (command.getOptionValueSourceWithGlobals('org') === 'cli') {
      throw new CliError(EXIT.usage, '--all is of everybody: it does not go with --org.');
    }
    return withClient(command, async ({ admin }, out) => out.result(await admin[way](), () => `${done}: everybody.`));
  }
  if (webhook !== undefined) {
    return withOrg(command, async ({ webhooks }, out) =>
      out.result(await webhooks[way](webhook), () => `${done}: ${webhook}.`),
    );
  }
  const { org } = command.optsWithGlobals<Globals>();
  if (org === undefined) throw new CliError(EXIT.usage, 'Of what? Give --org, --webhook or --all.');
  return withClient(command, async ({ orgs }, out) => out.result(await orgs[way](org), () => `${done}: ${org}.`));
}
