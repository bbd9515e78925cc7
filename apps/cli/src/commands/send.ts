import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery, OrgClient, PublishedEvent } from '@hooklane/client';
import { HooklaneConnectionError, HooklaneError } from '@hooklane/client';
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
  const rawPayload = refuseNoJson(await payloadOf(payload, options));
  const event = await org.events.publish({ type, rawPayload, ...(id && { id }), ...(attributes && { attributes }) });
  if (!options.wait) return out.result(event, () => `${event.id}: ${countOf(event.deliveries)}`);
  const deliveries = await ended(org, event.id, options.timeout).catch((error: unknown) => cannotFollow(event, error));
  out.result({ ...event, deliveries }, () =>
    table(
      ['delivery', 'webhook', 'state', 'attempts', 'reason'],
      deliveries.map((one) => [one.id, one.webhook_id, one.state, one.attempts, one.reason]),
    ),
  );
  const problem = problemOf(deliveries, options.timeout);
  if (problem !== null) throw new CliError(EXIT.failed, problem);
}

function countOf(deliveries: number): string {
  return deliveries === 1 ? '1 delivery' : `${deliveries} deliveries`;
}

/** Null where all were delivered. */
function problemOf(deliveries: readonly Delivery[], timeoutS: number): string | null {
  const all = countOf(deliveries.length);
  const pending = deliveries.filter(({ state }) => state === 'pending').length;
  if (pending > 0) return `Of ${all} ${pending} still pending after ${timeoutS} s: tried again later, or paused.`;
  const failed = deliveries.filter(({ state }) => state !== 'delivered').length;
  return failed > 0 ? `Of ${all} ${failed} not delivered.` : null;
}

/** Whoever reads only of a refusal would send it again. */
function cannotFollow({ id, deliveries }: PublishedEvent, error: unknown): never {
  const isTold = error instanceof HooklaneError || error instanceof HooklaneConnectionError;
  if (!isTold) throw error;
  const code = error instanceof HooklaneError ? EXIT.refused : EXIT.unreachable;
  throw new CliError(code, `${id} was accepted (${countOf(deliveries)}), but cannot be followed: ${error.message}`);
}

function refuseNoJson(payload: string): string {
  try {
    JSON.parse(payload);
    return payload;
  } catch {
    throw new CliError(EXIT.usage, 'The payload is not JSON. Where a shell takes the quotes away, use --file or -.');
  }
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
