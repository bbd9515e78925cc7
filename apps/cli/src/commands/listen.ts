import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Command } from 'commander';
import { Option } from 'commander';
import { collect, wholeNumber } from '../arguments.ts';
import { outputOf } from '../context.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import type { Received, ReceiveOptions } from '../receive.ts';
import { receive } from '../receive.ts';
import { cliSettings } from '../settings.ts';

interface ListenOptions extends ReceiveOptions {
  port: number;
  host: string;
  count?: number;
}

export function addListen(program: Command): void {
  program
    .command('listen')
    .description('Receive webhooks here, verify their signatures and print them, until Ctrl-C')
    .option('--port <port>', '0: any free one', wholeNumber(0, 65_535), 0)
    .option('--host <address>', 'to listen on', '127.0.0.1')
    .addOption(
      new Option('--secret <secret>', 'whsec_… or whpk_…; may be repeated; without one nothing is verified')
        .env(cliSettings.webhookSecret.env)
        .argParser<string[]>(collect),
    )
    .option('--header-prefix <prefix>', 'where the sender brands its headers')
    .option('--status <code>', 'what to answer; 401 goes to what does not verify', wholeNumber(200, 599), 204)
    .option('--count <n>', 'end after so many requests; exit code 1 if one did not verify', wholeNumber(1, 1_000_000))
    .action((options: ListenOptions, command: Command) => listen(options, outputOf(command)));
}

async function listen(options: ListenOptions, out: Output): Promise<void> {
  for (const secret of [options.secret ?? []].flat().flatMap((some) => some.split(','))) refuseNoSecret(secret.trim());
  let received = 0;
  let refused = 0;
  const server = createServer((request, response) => {
    void receive(request, response, options).then((one) => {
      if (one === null) return;
      out.result(one, () => describe(one));
      received++;
      refused += Number(one.verified === false);
      if (received === options.count) server.close();
    });
  });
  server.listen(options.port, options.host);
  await once(server, 'listening').catch((error: Error) => {
    throw new CliError(EXIT.failed, `Cannot listen on ${options.host}:${options.port}: ${error.message}`);
  });
  const { port } = server.address() as AddressInfo;
  out.note(
    `Listening on http://${options.host}:${port}${options.secret === undefined ? ' (no secret: nothing is verified)' : ''}`,
  );
  const stop = () => server.close(() => process.exit(options.count === undefined ? EXIT.ok : EXIT.interrupted));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  await once(server, 'close');
  if (refused > 0 && options.count !== undefined) throw new CliError(EXIT.failed, `${refused} did not verify.`);
}

/** Else it would be told with the first request, which is then refused. */
function refuseNoSecret(secret: string): void {
  if (/^wh(sec|pk)_[A-Za-z0-9+/]+={0,2}$/.test(secret)) return;
  throw new CliError(EXIT.usage, 'A --secret is written as whsec_… or whpk_…, as the webhook was told it.');
}

const MARKS = { true: 'verified', false: 'NOT VERIFIED', null: 'unverified' };

function describe({ at, id, verified, problem, path, body }: Received): string {
  return `${at}  ${MARKS[`${verified}`]}${problem === null ? '' : ` (${problem})`}  ${path}  ${id ?? '-'}\n${body}`;
}
