import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery, OrgClient } from '@hooklane/client';
import type { Command } from 'commander';
import { pairs, wholeNumber } from '../arguments.ts';
import { withOrg } from '../context.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { table } from '../output.ts';

interface SendOptions {
  file?: string;
  id?: string;
  attribute?: Record<string, string>;
  wait: boolean;
  timeout: number;
}

export function addSend(program: Command): void {
  const command = program
    .command('send')
    .description('Publish an event')
    .argument('<type>', 'such as invoice.paid')
    .argument('[payload]', 'JSON, sent byte for byte; - reads it from standard input; default: {}')
    .option('--file <path>', 'read the payload from a file')
    .option('--id <id>', 'the id of your own: a second event with it is not made')
    .option('--attribute <name=value>', 'what webhooks may filter by; may be repeated', pairs)
    .option('--wait', 'wait until all deliveries have ended; exit code 1 unless all were delivered', false)
    .option('--timeout <seconds>', 'how long to wait', wholeNumber(1, 86_400), 60);
  command.action((type: string, payload: string | undefined, options: SendOptions) =>
    withOrg(command, (org, out) => send(org, { type, payload, options }, out)),
  );
}

async function send(
  org: OrgClient,
  { type, payload, options }: { type: string; payload: string | undefined; options: SendOptions },
  out: Output,
): Promise<void> {
  const { id, attribute: attributes } = options;
  const rawPayload = await payloadOf(payload, options);
  const event = await org.events.publish({ type, rawPayload, ...(id && { id }), ...(attributes && { attributes }) });
  if (!options.wait) return out.result(event, () => `${event.id}: ${event.deliveries} deliveries`);
  const deliveries = await ended(org, event.id, options.timeout);
  out.result({ ...event, deliveries }, () =>
    table(
      ['delivery', 'webhook', 'state', 'attempts', 'reason'],
      deliveries.map((one) => [one.id, one.webhook_id, one.state, one.attempts, one.reason]),
    ),
  );
  const failed = deliveries.filter(({ state }) => state !== 'delivered').length;
  if (failed > 0) throw new CliError(EXIT.failed, `${failed} of ${deliveries.length} were not delivered.`);
}

async function payloadOf(given: string | undefined, { file }: SendOptions): Promise<string> {
  if (file !== undefined) return readFile(file, 'utf8').catch(() => fail(`${file} cannot be read.`));
  return given === '-' ? text(process.stdin) : (given ?? '{}');
}

function fail(message: string): never {
  throw new CliError(EXIT.usage, message);
}

const LOOK_EVERY_MS = 200;

/** All deliveries of an event, when none is pending, or when the time is up. */
async function ended(org: OrgClient, eventId: string, timeoutS: number): Promise<Delivery[]> {
  const deadlineMs = performance.now() + timeoutS * 1000;
  for (;;) {
    const { data } = await org.events.deliveries(eventId, { limit: 100 });
    if (data.every(({ state }) => state !== 'pending') || performance.now() > deadlineMs) return data;
    await sleep(LOOK_EVERY_MS);
  }
}
