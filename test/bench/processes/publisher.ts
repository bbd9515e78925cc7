import { clockMs } from '../clock.ts';
import type { Latency } from '../numbers.ts';
import { latencyOf } from '../numbers.ts';
import { eventWriter } from './event-writer.ts';
import { serve } from './serve.ts';
import type { Wire } from './wire.ts';
import { openWire } from './wire.ts';

/** Events that one org publishes, one after the other or at a rate. */
export interface Stream {
  readonly name: string;
  readonly port: number;
  readonly path: string;
  readonly authorization: string;
  /** Published in turn. */
  readonly types: readonly string[];
  /** Events per second, whether answers come or not; null: each connection publishes when it was answered. */
  readonly perSecond: number | null;
  /** Requests that may be under way. */
  readonly connections: number;
  /** No more than this many may be accepted and not received, so that both go equally fast; null: no bound. */
  readonly window: { readonly most: number; readonly sinkPort: number; readonly group: string } | null;
}

export interface StreamCount {
  readonly accepted: number;
  readonly failed: number;
  /** Of the answers that were no 202: how many of each status; 0: a broken connection. */
  readonly statuses: Readonly<Record<string, number>>;
}

export interface PublisherCalls {
  start(stream: Stream): void;
  /** Publishes nothing more; what is under way is answered. */
  stop(name: string): Promise<StreamCount>;
  /** All streams together, or one of them. */
  count(name?: string): { readonly atMs: number } & StreamCount;
  /** From when an event was to be sent until its 202, ms; since the last call. */
  latency(name: string): Latency;
}

interface Running {
  readonly accepted: number;
  readonly failed: number;
  readonly statuses: Record<string, number>;
  takeLatencies(): number[];
  stop(): Promise<void>;
}

const streams = new Map<string, Running>();

serve<PublisherCalls>({
  start(stream) {
    streams.set(stream.name, run(stream));
  },
  async stop(name) {
    await streams.get(name)?.stop();
    return countOf(name);
  },
  count: (name) => ({ atMs: clockMs(), ...countOf(name) }),
  latency: (name) => latencyOf(streams.get(name)?.takeLatencies() ?? []),
});

function countOf(name?: string): StreamCount {
  const total = { accepted: 0, failed: 0, statuses: {} as Record<string, number> };
  for (const [key, stream] of streams) {
    if (name !== undefined && name !== key) continue;
    total.accepted += stream.accepted;
    total.failed += stream.failed;
    for (const [status, count] of Object.entries(stream.statuses)) {
      total.statuses[status] = (total.statuses[status] ?? 0) + count;
    }
  }
  return total;
}

function run(stream: Stream): Running {
  const { perSecond, window } = stream;
  const write = eventWriter(stream);
  const wires = Array.from({ length: stream.connections }, () => openWire(stream.port));
  const idle: Wire[] = [...wires];
  /** When the events that found no connection were to be sent. */
  const late: number[] = [];
  const statuses: Record<string, number> = {};
  let latencies: number[] = [];
  let [accepted, failed, received, isStopped] = [0, 0, 0, false];

  const underWay = () => wires.length - idle.length;
  const hasRoom = () => window === null || accepted + underWay() - received < window.most;

  function send(wire: Wire, atMs: number): void {
    wire.send(write(atMs), (status) => {
      if (status === 202) accepted += 1;
      else {
        failed += 1;
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
      latencies.push(clockMs() - atMs);
      idle.push(wire);
      next();
    });
  }

  function nextMoment(): number | undefined {
    if (isStopped || idle.length === 0) return undefined;
    if (perSecond !== null) return late.shift();
    return hasRoom() ? clockMs() : undefined;
  }

  function next(): void {
    for (let atMs = nextMoment(); atMs !== undefined; atMs = nextMoment()) {
      const wire = idle.pop();
      if (wire !== undefined) send(wire, atMs);
    }
  }

  const pace = perSecond === null ? null : paced(perSecond, late, next);
  const watch =
    window &&
    watched(window, (count) => {
      received = count;
      next();
    });
  next();
  return {
    get accepted() {
      return accepted;
    },
    get failed() {
      return failed;
    },
    statuses,
    takeLatencies() {
      const taken = latencies;
      latencies = [];
      return taken;
    },
    async stop() {
      isStopped = true;
      clearInterval(pace ?? undefined);
      watch?.stop();
      const deadline = clockMs() + 15_000;
      while (underWay() > 0 && clockMs() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
      for (const wire of wires) wire.close();
    },
  };
}

/** Every 2 ms as many moments as have passed at this rate. */
function paced(perSecond: number, late: number[], next: () => void): NodeJS.Timeout {
  const begunMs = clockMs();
  let issued = 0;
  return setInterval(() => {
    const due = Math.floor(((clockMs() - begunMs) / 1000) * perSecond);
    for (; issued < due; issued++) late.push(begunMs + ((issued + 1) / perSecond) * 1000);
    next();
  }, 2);
}

/** How many the receiver has of the group beyond what it had at first. */
function watched(window: NonNullable<Stream['window']>, onCount: (count: number) => void): { stop(): void } {
  const url = `http://127.0.0.1:${window.sinkPort}/count/${window.group}`;
  let isStopped = false;
  let first: number | null = null;
  const ask = async () => {
    while (!isStopped) {
      const count = Number(await fetch(url).then((answer) => answer.text()));
      first ??= count;
      onCount(count - first);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  void ask();
  return {
    stop() {
      isStopped = true;
    },
  };
}
