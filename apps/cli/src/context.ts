import type { Client, OrgClient } from '@hooklane/client';
import { createClient } from '@hooklane/client';
import type { Command } from 'commander';
import { CliError, EXIT } from './exit-codes.ts';
import type { Output } from './output.ts';
import { createOutput } from './output.ts';

/** What every command may be given, before or after its own name. */
export interface Globals {
  url: string;
  key?: string;
  org?: string;
  json: boolean;
}

export function outputOf(command: Command): Output {
  return createOutput(command.optsWithGlobals<Globals>().json);
}

/** Runs a command of one org, and closes its connections whatever comes of it. */
export async function withOrg(command: Command, run: (org: OrgClient, out: Output) => Promise<void>): Promise<void> {
  const { org } = command.optsWithGlobals<Globals>();
  if (org === undefined) throw new CliError(EXIT.usage, 'Which org? Give --org, or set HOOKLANE_ORG.');
  await withClient(command, (client, out) => run(client.org(org), out));
}

/** The same of the operator. */
export async function withClient(command: Command, run: (client: Client, out: Output) => Promise<void>): Promise<void> {
  const { url, key } = command.optsWithGlobals<Globals>();
  if (key === undefined) throw new CliError(EXIT.usage, 'Which key? Set HOOKLANE_API_KEY, or give --key.');
  const client = clientOf(url, key);
  try {
    await run(client, outputOf(command));
  } finally {
    client.close();
  }
}

/** @throws {CliError} for an address or a key that could never work. */
export function clientOf(url: string, apiKey: string, retries = 2): Client {
  try {
    return createClient({ url, apiKey, retries });
  } catch (error) {
    if (error instanceof TypeError) throw new CliError(EXIT.usage, error.message);
    throw error;
  }
}
