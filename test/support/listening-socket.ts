import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';

/** Where nobody may get to: counts who does, and says nothing. */
export interface ReceiverSocket {
  readonly port: number;
  /** Connections so far. */
  accepted(): number;
  close(): void;
}

/** On every address of the machine that leads to it: 127.0.0.1, ::1 and the others. */
export async function startListening(): Promise<ReceiverSocket> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => socket.destroy())));
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    accepted: () => sockets.size,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
