import type { IncomingMessage, ServerResponse } from 'node:http';
import { verify, WebhookVerificationError } from '@hooklane/client/verify';

export interface ReceiveOptions {
  /** One, several separated by commas, or a list. Without one nothing is verified. */
  secret?: string[] | string;
  headerPrefix?: string;
  /** What is answered; 401 goes to what does not verify. */
  status: number;
  /** Default: as much as a payload may have, and its envelope. */
  mostBytes?: number;
}

export interface Received {
  at: string;
  id: string | null;
  /** Null: there was no secret to verify with. */
  verified: boolean | null;
  problem: string | null;
  path: string;
  bytes: number;
  body: string;
}

/** Reads a webhook, verifies and answers it. Null: it was cut off, or too large. */
export async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  options: ReceiveOptions,
): Promise<Received | null> {
  const body = await read(request, options.mostBytes ?? MOST_BYTES);
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

const MOST_BYTES = 20 * 1024 * 1024;

async function read(request: IncomingMessage, mostBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostBytes) return null;
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
  { secret, headerPrefix }: ReceiveOptions,
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
