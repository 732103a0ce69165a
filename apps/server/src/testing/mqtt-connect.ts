import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';

/** Connects over TLS, once: nothing is tried again. @throws with the broker's answer */
export async function connectMqtts(options: IClientOptions): Promise<MqttClient> {
  return established(
    mqtt.connect({
      protocol: 'mqtts',
      protocolVersion: 4,
      reconnectPeriod: 0,
      host: '127.0.0.1',
      ...options,
    }),
  );
}

/** Waits until a client is connected; from then on its errors end no test. @throws with the broker's answer */
export async function established(client: MqttClient): Promise<MqttClient> {
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
    client.once('close', () => reject(new Error('closed')));
  });
  return client.on('error', () => undefined);
}
