import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verify, WebhookVerificationError } from '@hooklane/client/verify';
import type { Command } from 'commander';
import { Option } from 'commander';
import { collect, wholeNumber } from '../arguments.ts';
import { outputOf } from '../context.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { cliSettings } from '../settings.ts';

interface ListenOptions {
  port: number;
  host: string;
  secret?: string[] | string;
  headerPrefix?: string;
  status: number;
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

interface Received {
  at: string;
  id: string | null;
  /** Null: there was no secret to verify with. */
  verified: boolean | null;
  problem: string | null;
  path: string;
  bytes: number;
  body: string;
}

async function listen(options: ListenOptions, out: Output): Promise<void> {
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

/** As much as a payload may have, and its envelope. */
const MOST_BYTES = 20 * 1024 * 1024;

/** Null: it was cut off, or too large. */
async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  options: ListenOptions,
): Promise<Received | null> {
  const body = await read(request);
  response.setHeader('connection', 'close');
  if (body === null) {
    response.writeHead(413).end();
    return null;
  }
  const verdict = judge(request, body, options);
  response.writeHead(verdict.verified === false ? 401 : options.status).end();
  const id = request.headers[`${options.headerPrefix ?? 'webhook'}-id`.toLowerCase()];
  return {
    at: new Date().toISOString(),
    id: typeof id === 'string' ? id : null,
    ...verdict,
    path: request.url ?? '/',
    bytes: body.length,
    body: body.toString(),
  };
}

async function read(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) return null;
      chunks.push(chunk);
    }
  } catch {
    return null;
  }
  return Buffer.concat(chunks);
}

function judge(
  { headers }: IncomingMessage,
  body: Buffer,
  { secret, headerPrefix }: ListenOptions,
): Pick<Received, 'verified' | 'problem'> {
  if (secret === undefined) return { verified: null, problem: null };
  const secrets = typeof secret === 'string' ? secret.split(',') : secret;
  try {
    verify({ body, headers, secrets, ...(headerPrefix !== undefined && { headerPrefix }) });
    return { verified: true, problem: null };
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    return { verified: false, problem: error.code };
  }
}

const MARKS = { true: 'verified', false: 'NOT VERIFIED', null: 'unverified' };

function describe({ at, id, verified, problem, path, body }: Received): string {
  return `${at}  ${MARKS[`${verified}`]}${problem === null ? '' : ` (${problem})`}  ${path}  ${id ?? '-'}\n${body}`;
}
