import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** Stands for a name or a virtual address that moves: new connections go to the new target, old ones stay where they are. */
export interface SwitchableProxy extends AsyncDisposable {
  readonly url: string;
  switchTo(url: string): void;
}

export async function startProxy(url: string): Promise<SwitchableProxy> {
  let target = Number(new URL(url).port);
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect(target, '127.0.0.1');
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    incoming.pipe(outgoing).pipe(incoming);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    switchTo: (next) => {
      target = Number(new URL(next).port);
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
