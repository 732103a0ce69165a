// The bare parts in a process of their own, as the service is: node's http server and aedes over plain TCP. Prints the
// two ports.
import { createServer as createHttp } from 'node:http';
import { createServer as createTcp } from 'node:net';
import { Aedes } from 'aedes';

const aedes = await Aedes.createBroker();
const tcp = createTcp({ noDelay: true }, aedes.handle);
await new Promise((resolve) => tcp.listen(0, '127.0.0.1', resolve));

const http = createHttp((request, response) => {
  const query = Object.fromEntries(new URL(request.url, 'http://x').searchParams);
  const message = { topic: 'prod/ns/worker', payload: JSON.stringify({ oauth: query }), qos: 1 };
  aedes.publish(message, () => response.writeHead(303, { location: '/' }).end());
});
await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
process.stdout.write(`${http.address().port} ${tcp.address().port}\n`);
