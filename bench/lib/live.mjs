import { request } from 'node:http';

/** A browser's live connection: calls `onEvent` with each event, counts bytes. */
export async function openLive(service, topics, onEvent) {
  const state = { bytes: 0, events: 0 };
  const client = await new Promise((resolve, reject) => {
    const call = request(
      `${service.url}/api/live?topics=${encodeURIComponent(topics)}`,
      { headers: { cookie: service.cookie } },
      (response) => {
        let rest = '';
        response.setEncoding('utf8').on('data', (text) => {
          state.bytes += text.length;
          const frames = (rest + text).split('\n\n');
          rest = frames.pop();
          for (const frame of frames) {
            const data = frame.split('\n').find((line) => line.startsWith('data: '));
            if (data === undefined) continue;
            state.events++;
            onEvent?.(JSON.parse(data.slice(6)));
          }
        });
        resolve(call);
      },
    );
    call.once('error', reject);
    call.end();
  });
  client.on('error', () => undefined);
  return { state, close: () => client.destroy() };
}
