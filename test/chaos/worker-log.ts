import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Stage } from './stage.ts';

/** What a worker says of an attempt that it made. */
export interface LoggedAttempt extends Named {
  readonly kind: 'attempt';
  readonly attempt: number;
  readonly claimNo: number;
  readonly origin: string;
  readonly outcome: 'accepted' | 'rejected' | 'timed-out' | 'unreachable' | 'blocked';
  readonly durationMs: number;
  /** False: by its own account the claim had gone to another one. */
  readonly recorded: boolean;
}

/** It could not bring an attempt to its end. */
export interface LoggedFault extends Named {
  readonly kind: 'fault';
}

export type LoggedLine = LoggedAttempt | LoggedFault;

interface Named {
  /** By its name in the plan. */
  readonly webhook: string;
  /** As on the wire. */
  readonly event: string;
  readonly delivery: string;
  /** Ms since 1970, by the clock of the worker. */
  readonly t: number;
}

export async function readWorkerLogs({ world, webhooks }: Stage): Promise<LoggedLine[]> {
  const names = new Map(webhooks.map(({ id, name }) => [id, name]));
  const logs = [world.members['worker-1'], world.members['worker-2']].map(({ logFile }) => readLog(logFile, names));
  return (await Promise.all(logs)).flat();
}

async function readLog(file: string, names: ReadonlyMap<string, string>): Promise<LoggedLine[]> {
  const lines: LoggedLine[] = [];
  // The log of half an hour is too long for one string.
  for await (const text of createInterface({ input: createReadStream(file, 'utf8') })) {
    const written = parse(text);
    if (written?.event === undefined) continue;
    const { webhook = '', event, delivery = '', time } = written;
    const named = { webhook: names.get(webhook) ?? webhook, event, delivery, t: Date.parse(time) };
    if (written.msg === 'attempt.fault') lines.push({ kind: 'fault', ...named });
    if (written.msg === 'delivery.attempted') lines.push({ kind: 'attempt', ...named, ...attemptIn(written) });
  }
  return lines;
}

interface Written {
  readonly msg: string;
  readonly time: string;
  readonly webhook?: string;
  readonly event?: string;
  readonly delivery?: string;
  readonly attempt: number;
  readonly claim_no: number;
  readonly origin: string;
  readonly outcome: LoggedAttempt['outcome'];
  readonly duration_ms: number;
  readonly recorded: boolean;
}

/** A process that was killed may have left half a line; and a crash is no JSON. */
function parse(text: string): Written | null {
  if (!text.startsWith('{')) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function attemptIn({ attempt, claim_no, origin, outcome, duration_ms, recorded }: Written) {
  return { attempt, claimNo: claim_no, origin, outcome, durationMs: duration_ms, recorded };
}
