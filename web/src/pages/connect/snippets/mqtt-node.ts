import { bareHost, payload, quoted, type SnippetInput } from './snippet';

export const mqttNode = (input: SnippetInput) => `// send.mjs; npm install mqtt
import mqtt from 'mqtt';

const token = ${quoted(input.token)};

const client = await mqtt.connectAsync({
  protocol: 'mqtt',
  host: ${quoted(bareHost(input))},
  port: ${input.port},
  username: 'JWT',
  password: token,
});
// Comes back once the reading is stored.
await client.publishAsync('${input.device}', JSON.stringify(${payload(input)}), { qos: 1 });
console.log('stored');
await client.endAsync();
`;
