import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { clockMs } from '../clock.ts';
import type { Latency } from '../numbers.ts';
import { latencyOf } from '../numbers.ts';
import { serve } from './serve.ts';

/** `ok`: 200. `error`: 500. `silent`: never answers. */
export type Manner = 'ok' | 'error' | 'silent';

export interface SinkCalls {
  port(): number;
  /** How requests to `/<group>/…` are answered from now on. At first `ok`. */
  behave(group: string, manner: Manner): void;
  /** Requests of a group since the start, those that are never answered too; of all groups where none is named. */
  count(group?: string): { readonly atMs: number; readonly received: number };
  /** From when an event was to be sent until it was here, ms; since the last call. */
  latency(group: string): Latency;
  /** When the last request of the group came, on the clock of the bench. */
  lastAtMs(group: string): number;
}

interface Group {
  manner: Manner;
  received: number;
  lastAtMs: number;
  latencies: number[];
}

const groups = new Map<string, Group>();
const NOTHING = Buffer.alloc(0);

/** Receives all deliveries, with as little CPU as it can. Whatever comes to `/<group>/…` is counted by group. */
const server = createServer({ noDelay: true }, (socket) => {
  let held: Buffer = NOTHING;
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (let request = firstRequest(held); request !== null; request = firstRequest(held)) {
      held = held.subarray(request.end);
      answer(socket, request);
    }
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4_096, resolve));

serve<SinkCalls>({
  port: () => (server.address() as AddressInfo).port,
  behave(name, manner) {
    groupOf(name).manner = manner;
  },
  count: (name) => ({ atMs: clockMs(), received: receivedBy(name) }),
  latency(name) {
    const group = groupOf(name);
    const latency = latencyOf(group.latencies);
    group.latencies = [];
    return latency;
  },
  lastAtMs: (name) => groupOf(name).lastAtMs,
});

function groupOf(name: string): Group {
  const known = groups.get(name);
  if (known !== undefined) return known;
  const made: Group = { manner: 'ok', received: 0, lastAtMs: 0, latencies: [] };
  groups.set(name, made);
  return made;
}

function receivedBy(name: string | undefined): number {
  if (name !== undefined) return groupOf(name).received;
  let sum = 0;
  for (const group of groups.values()) sum += group.received;
  return sum;
}

interface Arrived {
  readonly group: string;
  /** In `/count/<group>`. */
  readonly asked: string | null;
  /** When the event was to be sent; null where the body does not say. */
  readonly sentAtMs: number | null;
  /** Where the next request begins. */
  readonly end: number;
}

/** Null while it is not whole. */
function firstRequest(bytes: Buffer): Arrived | null {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const head = bytes.toString('latin1', 0, headEnd);
  const end = headEnd + 4 + Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  if (bytes.length < end) return null;
  const [, group = '', rest = ''] = head.slice(0, head.indexOf('\r\n')).split(/[/ ]+/, 4);
  return { group, asked: group === 'count' ? rest : null, sentAtMs: sentAt(bytes, headEnd), end };
}

function sentAt(bytes: Buffer, from: number): number | null {
  const at = bytes.indexOf('"at":', from);
  return at < 0 ? null : Number.parseFloat(bytes.toString('latin1', at + 5, at + 24));
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
const ERROR = 'HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n';

function answer(socket: Socket, { group: name, asked, sentAtMs }: Arrived): void {
  if (asked !== null) {
    const text = String(groupOf(asked).received);
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
    return;
  }
  const group = groupOf(name);
  group.received += 1;
  group.lastAtMs = clockMs();
  if (sentAtMs !== null) group.latencies.push(group.lastAtMs - sentAtMs);
  if (group.manner !== 'silent') socket.write(group.manner === 'ok' ? OK : ERROR);
}
