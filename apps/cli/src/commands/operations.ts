import type { Command } from 'commander';
import { Option } from 'commander';
import { wholeNumber } from '../arguments.ts';
import { withClient } from '../context.ts';
import { describeOperation, follow, followedByOperator } from '../follow.ts';

const KINDS = ['resend', 'replay', 'retry_now', 'cancel_pending', 'erase', 'reseal'] as const;
const STATES = ['running', 'done', 'cancelled'] as const;

interface ListOptions {
  kind?: (typeof KINDS)[number];
  state?: (typeof STATES)[number];
  limit: number;
}

/** What `replay` shows of one org, for the operator: erasures and re-sealings are nobody's. */
export function addOperations(program: Command): void {
  const operations = program
    .command('operations')
    .description("Operations of all orgs, erasures and re-sealings too (the operator's key)");
  operations
    .command('list')
    .description('List them, newest first')
    .addOption(new Option('--kind <kind>', 'only those').choices(KINDS))
    .addOption(new Option('--state <state>', 'only those').choices(STATES))
    .option('--limit <n>', 'how many at most', wholeNumber(1, 100), 50)
    .action((query: ListOptions, command: Command) =>
      withClient(command, async ({ admin }, out) => {
        const page = await admin.operations(query);
        out.result(page, () => page.data.map(describeOperation).join('\n') || 'There are none.');
      }),
    );
  operations
    .command('follow')
    .description('Show the progress of one until it has ended; exit code 1 if it was cancelled')
    .argument('<operation>')
    .action((id: string, _, command: Command) =>
      withClient(command, (client, out) => follow(followedByOperator(client), id, out)),
    );
  operations
    .command('cancel')
    .description('End one; what it has done stays done')
    .argument('<operation>')
    .action((id: string, _, command: Command) =>
      withClient(command, async ({ admin }, out) => {
        const operation = await admin.cancelOperation(id);
        out.result(operation, () => describeOperation(operation));
      }),
    );
}
