import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** What the line does to what passes over it. */
export type Weather =
  | { readonly kind: 'fair' }
  /** Each piece arrives so much later, both ways, in order. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Nothing arrives any more, and nobody is told. */
  | { readonly kind: 'black-hole' }
  /** Each connection breaks after so many bytes from the server: often after a COMMIT, before its answer. */
  | { readonly kind: 'cut'; readonly bytes: () => number };

export interface TcpProxy {
  readonly port: number;
  /** Counts what the weather since the last change did: pieces delayed or swallowed, connections cut. */
  readonly hits: number;
  change(weather: Weather): void;
  /** Breaks every connection by RST. Returns how many. */
  resetAll(): number;
  close(): Promise<void>;
}

/** A line between our processes and one server, on the loopback address. */
export async function startTcpProxy(serverPort: () => number): Promise<TcpProxy> {
  const links = new Set<Link>();
  let weather: Weather = { kind: 'fair' };
  let hits = 0;
  const line: Line = {
    weather: () => weather,
    hit: () => {
      hits++;
    },
  };
  const server = createServer({ noDelay: true }, (client) => {
    const link = new Link(client, connect({ port: serverPort(), host: '127.0.0.1', noDelay: true }), line);
    links.add(link);
    client.once('close', () => links.delete(link));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  function resetAll(): number {
    const count = links.size;
    for (const link of links) link.reset();
    return count;
  }

  return {
    port: (server.address() as AddressInfo).port,
    get hits() {
      return hits;
    },
    change(next) {
      // What was swallowed is missing from these streams: they can only break now, as behind a firewall that forgot them.
      if (weather.kind === 'black-hole') resetAll();
      weather = next;
      hits = 0;
    },
    resetAll,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      resetAll();
      await closed;
    },
  };
}

interface Line {
  weather(): Weather;
  hit(): void;
}

/** One connection. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #line: Line;
  /** Since the weather `cut` came up. */
  #bytesLeft: number | null = null;

  constructor(client: Socket, server: Socket, line: Line) {
    this.#client = client;
    this.#server = server;
    this.#line = line;
    const toServer = new Way(server);
    const toClient = new Way(client);
    client.on('data', (piece) => this.#pass(piece, toServer));
    server.on('data', (piece) => this.#passBack(piece, toClient));
    for (const [one, way] of [
      [client, toServer],
      [server, toClient],
    ] as const) {
      one.on('end', () => way.end());
      one.on('error', () => this.reset());
      one.on('close', () => way.end());
    }
  }

  reset(): void {
    if (!this.#client.destroyed) this.#client.resetAndDestroy();
    this.#server.destroy();
  }

  #pass(piece: Buffer, way: Way): void {
    const weather = this.#line.weather();
    if (weather.kind !== 'fair') this.#line.hit();
    if (weather.kind !== 'black-hole') way.send(piece, weather.kind === 'latency' ? weather.ms : 0);
  }

  #passBack(piece: Buffer, way: Way): void {
    const weather = this.#line.weather();
    if (weather.kind === 'cut') {
      this.#passUntilCut(piece, way, weather.bytes);
    } else {
      this.#bytesLeft = null;
      this.#pass(piece, way);
    }
  }

  #passUntilCut(piece: Buffer, way: Way, bytes: () => number): void {
    this.#bytesLeft = (this.#bytesLeft ?? bytes()) - piece.length;
    if (this.#bytesLeft > 0) {
      way.send(piece, 0);
    } else {
      this.#line.hit();
      this.reset();
    }
  }
}

/** One direction: pieces leave in the order in which they came, however long each is held. */
class Way {
  readonly #to: Socket;
  readonly #held: { piece: Buffer | null; atMs: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(to: Socket) {
    this.#to = to;
  }

  send(piece: Buffer | null, delayMs: number): void {
    const last = this.#held.at(-1)?.atMs ?? 0;
    this.#held.push({ piece, atMs: Math.max(performance.now() + delayMs, last) });
    this.#release();
  }

  end(): void {
    this.send(null, 0);
  }

  #release(): void {
    clearTimeout(this.#timer);
    for (;;) {
      const [first] = this.#held;
      if (first === undefined) return;
      const waitMs = first.atMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#release(), waitMs);
        return;
      }
      this.#held.shift();
      if (this.#to.destroyed || this.#to.writableEnded) continue;
      if (first.piece === null) this.#to.end();
      else this.#to.write(first.piece);
    }
  }
}
