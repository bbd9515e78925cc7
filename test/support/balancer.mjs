// A TCP balancer before the APIs whose ports it is given: asks every 50 ms who is ready, as balancers do, and sends new connections there.
// A process of its own: Node accepts one connection in each turn of its loop, and the turns of a test that publishes and receives are long.
import { get } from 'node:http';
import { connect, createServer } from 'node:net';

const HOST = '127.0.0.1';
const ports = process.argv.slice(2).map(Number);
let ready = ports;
let turn = 0;

const server = createServer({ noDelay: true }, (client) => {
  const api = connect({ host: HOST, port: ready[turn++ % ready.length] ?? 0, noDelay: true });
  for (const [one, other] of [
    [client, api],
    [api, client],
  ]) {
    one.pipe(other);
    // What is broken on one side is broken on the other; what only ended has still something to bring.
    one.on('error', () => other.destroy());
    one.on('close', () => other.end());
  }
});

server.listen(0, HOST, () => {
  void probe();
  process.stdout.write(`balancer ready ${server.address().port}\n`);
});

async function probe() {
  const answers = await Promise.all(ports.map(isReady));
  ready = ports.filter((_, n) => answers[n]);
  setTimeout(probe, 50);
}

function isReady(port) {
  return new Promise((resolve) => {
    const request = get({ host: HOST, port, path: '/readyz', agent: false, timeout: 1_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    request.on('error', () => resolve(false));
    request.on('timeout', () => request.destroy());
  });
}
