import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { EmbeddedBroker } from './embedded.js';
import { MAX_PAYLOAD_BYTES } from './types.js';

/** MQTT over WebSocket at `/mqtt` of the HTTP port, for clients that cannot open other ports (embedded broker). */
export const mqttWebSocket = fp(
  async (app: FastifyInstance) => {
    if (app.config.mqtt.url !== undefined) return;
    const sockets = new WebSocketServer({
      noServer: true,
      maxPayload: 4 * MAX_PAYLOAD_BYTES,
      perMessageDeflate: false,
      handleProtocols: (protocols) => (protocols.has('mqtt') ? 'mqtt' : false),
    });
    app.upgrades.on('/mqtt', (request, socket, head) => {
      const { broker } = app.mqtt;
      if (!(broker instanceof EmbeddedBroker)) {
        socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
        return;
      }
      sockets.handleUpgrade(request, socket, head, (webSocket) =>
        broker.handle(createWebSocketStream(webSocket)),
      );
    });
    app.addHook('preClose', async () => {
      for (const webSocket of sockets.clients) webSocket.terminate();
      sockets.close();
    });
  },
  { name: 'mqtt-websocket', dependencies: ['mqtt', 'http'] },
);
