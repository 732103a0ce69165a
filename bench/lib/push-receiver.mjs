// An HTTP server of its own process that keeps each request in a file before it answers: `node push-receiver.mjs port file`.
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [port, file] = process.argv.slice(2);

createServer((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    const body = Buffer.concat(pieces).toString('base64');
    appendFileSync(file, `${JSON.stringify({ block: request.headers['x-polyrelay-block'], body })}\n`);
    response.end();
  });
}).listen(Number(port), '127.0.0.1');
