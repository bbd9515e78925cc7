import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Operation, OrgClient } from '@hooklane/client';
import { SingleBar } from 'cli-progress';
import { CliError, EXIT } from './exit-codes.ts';
import type { Output } from './output.ts';

const LOOK_EVERY_MS = 500;

/** Where operations are looked up: at an org, or as the operator. */
export interface Followed {
  /** What follows one later, typed before its id. */
  command: 'replay follow' | 'operations follow';
  get(id: string): Promise<Operation>;
}

export function followedOf({ operations }: OrgClient): Followed {
  return { command: 'replay follow', get: (id) => operations.get(id) };
}

export function followedByOperator({ admin }: Client): Followed {
  return { command: 'operations follow', get: (id) => admin.operation(id) };
}

/**
 * Shows how far an operation is until it has ended, and tells how. Ctrl-C ends the looking, not the operation.
 *
 * @throws {CliError} when it was cancelled.
 */
export async function follow(followed: Followed, id: string, out: Output): Promise<void> {
  const { state } = await untilEnded(followed, id, out);
  if (state === 'cancelled') throw new CliError(EXIT.failed, `${id} was cancelled`);
}

/** Begun, and followed where that is asked for. */
export async function begun(
  followed: Followed,
  operation: Operation,
  { out, isFollowed }: { out: Output; isFollowed: boolean },
): Promise<void> {
  if (isFollowed) {
    out.note(`${operation.id} has begun`);
    await follow(followed, operation.id, out);
  } else {
    out.result(operation, () => `${operation.id} has begun: hooklane ${followed.command} ${operation.id}`);
  }
}

async function untilEnded(followed: Followed, id: string, out: Output): Promise<Operation> {
  const show = progressOf(out);
  try {
    for (;;) {
      const operation = await followed.get(id);
      show.at(operation);
      if (operation.state !== 'running') {
        out.result(operation, () => describeOperation(operation));
        return operation;
      }
      await sleep(LOOK_EVERY_MS);
    }
  } finally {
    show.end();
  }
}

export function describeOperation({ id, kind, state, moved, total, waiting_for }: Operation): string {
  const waits = waiting_for === null ? '' : `, waits (${waiting_for})`;
  // What there was when it began: it may find more, or some that are not for the webhook.
  const ofAll = state === 'running' ? ` of ${total === null ? 'an unknown number' : `about ${total}`}` : '';
  return `${id}  ${kind}  ${state}${waits}  ${moved} moved${ofAll}`;
}

interface Progress {
  at(operation: Operation): void;
  end(): void;
}

/** A bar on a terminal; elsewhere a line whenever something changed. */
function progressOf(out: Output): Progress {
  return process.stderr.isTTY && !out.isJson ? barProgress() : lineProgress(out);
}

function barProgress(): Progress {
  const bar = new SingleBar({
    stream: process.stderr,
    format: '{bar} {value}/{total} looked at, {moved} moved  {waits}',
    hideCursor: true,
  });
  let isStarted = false;
  return {
    at({ examined, moved, total, waiting_for }) {
      const told = { moved, waits: waiting_for ?? '' };
      if (!isStarted) bar.start(total ?? 0, examined, told);
      else bar.update(examined, told);
      isStarted = true;
    },
    end: () => bar.stop(),
  };
}

function lineProgress(out: Output): Progress {
  let told = '';
  return {
    at(operation) {
      const line = describeOperation(operation);
      if (line !== told) out.note(line);
      told = line;
    },
    end: () => {},
  };
}
