// The bare part of push sessions, in a process of its own: writes the same bytes to every socket there is, one write a
// frame, and nothing else. Prints its port; each line on its input is `<times> <frame in hex>`.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

const sockets = new Set();
const server = createServer({ noDelay: true }, (socket) => {
  sockets.add(socket);
  socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`${server.address().port}\n`);

for await (const line of createInterface({ input: process.stdin })) {
  const [times, hex] = line.split(' ');
  const frame = Buffer.from(hex, 'hex');
  for (let i = 0; i < Number(times); i++) {
    for (const socket of sockets) socket.write(frame);
    await new Promise(setImmediate);
  }
}
