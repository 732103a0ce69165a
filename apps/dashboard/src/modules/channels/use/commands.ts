import { channelTopics } from '@polyrelay/contract';
import { quoted } from '../../../lib/shell';
import { TOKEN_PLACE } from '../../../lib/use-new-token';

/** Where this service is reached. */
export interface Place {
  /** Origin, without a slash at the end. */
  url: string;
  mqttHost: string;
  mqttPort: number;
}

interface Used {
  id: number;
  /** The MQTT topic that feeds the channel, if any. */
  topic: string | null;
}

const messagesOf = ({ url }: Place, { id }: Used): string => `${url}/gw/channels/${id}/messages`;

/** Calls a client of Mosquitto, which is to trust this service's own certificate. */
const mosquitto = (client: string, { url, mqttHost, mqttPort }: Place): string =>
  `curl -fsS -o ca.pem ${url}/api/ca.pem
${client} -h ${mqttHost} -p ${mqttPort} --cafile ca.pem -q 1 \\
  -u "FlespiToken ${TOKEN_PLACE}" \\`;

/** Ways to use a channel from a shell or a program; `$ACCESS_TOKEN` stands for the token. */
export const commands = {
  curlRead: (place: Place, of: Used): string => `KEY=0
while true; do
  PAGE=$(curl -fsSG -H "Authorization: FlespiToken ${TOKEN_PLACE}" \\
    --data-urlencode 'data={"curr_key":'$KEY',"timeout":30}' \\
    ${messagesOf(place, of)}) || { sleep 5; continue; }
  echo "$PAGE" | jq -c '.result[]'
  KEY=$(echo "$PAGE" | jq ".next_key // $KEY")
done`,

  curlPost: (place: Place, of: Used): string => `curl -fsS -H "Authorization: FlespiToken ${TOKEN_PLACE}" \\
  -H 'Content-Type: application/json' \\
  -d '{"ident": "tracker-1", "timestamp": '$(date +%s)', "battery.level": 87}' \\
  ${messagesOf(place, of)}`,

  receiver: ({ url }: Place, { id }: Used): string => `curl -fsS -o receiver.mjs ${url}/api/receiver.mjs
RECEIVER_KEY="${TOKEN_PLACE}" node receiver.mjs \\
  --url ${url} --channel ${id} --handler stdout`,

  mqttRead: (place: Place, { id }: Used): string =>
    `${mosquitto('mosquitto_sub', place)}
  -t '${channelTopics.message(id, '+')}'`,

  mqttPost: (place: Place, { topic }: Used): string =>
    `${mosquitto('mosquitto_pub', place)}
  -t ${quoted(topic ?? '')} \\
  -m '{"ident": "tracker-1", "timestamp": '$(date +%s)', "battery.level": 87}'`,

  published: (place: Place, of: Used): string => `import flespi_receiver

receiver = flespi_receiver.flespi_receiver()
receiver.configure(${of.id}, "${TOKEN_PLACE}")
receiver.target_url = "${messagesOf(place, of)}"
receiver.add_handler(flespi_receiver.stdout_handler_class(stdout=1))
receiver.start()`,
};
