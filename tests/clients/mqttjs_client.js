// A device or consumer that uses MQTT.js. The scenario of tests/support/mqtt_clients.py comes on standard input; what was
// received goes to standard output as JSON, one message a line.
'use strict';

const fs = require('fs');
const mqtt = require('mqtt');

const scenario = JSON.parse(fs.readFileSync(0, 'utf8'));
const scheme = (scenario.transport === 'websockets' ? 'ws' : 'mqtt') + (scenario.ca ? 's' : '');
const path = scenario.transport === 'websockets' ? scenario.path : '';
const options = {
  clientId: scenario.client_id,
  protocolId: scenario.version === 3 ? 'MQIsdp' : 'MQTT',
  protocolVersion: scenario.version,
  keepalive: scenario.keep_alive,
  clean: scenario.clean,
  reconnectPeriod: 0,
};
if (scenario.user !== null) Object.assign(options, { username: scenario.user, password: scenario.password });
if (scenario.ca) options.ca = fs.readFileSync(scenario.ca);

const client = mqtt.connect(`${scheme}://${scenario.host}:${scenario.port}${path}`, options);
let received = 0;
let complete;
const all = new Promise((resolve) => { complete = resolve; });

function fail(what) {
  console.error(what);
  process.exit(1);
}
setTimeout(() => fail(`only ${received} messages`), scenario.deadline_s * 1000);

client.on('error', (error) => {
  if (error.code === undefined) fail(error.message);
  console.log(JSON.stringify({ refused: error.code }));
  process.exit(0);
});
client.on('message', (topic, payload, packet) => {
  received += 1;
  console.log(JSON.stringify([topic, payload.toString(), packet.qos, packet.retain]));
  if (received >= scenario.expect) complete();
});
client.on('connect', async () => {
  for (const [topic, qos] of scenario.subscribe) await client.subscribeAsync(topic, { qos });
  for (const [topic, payload, qos, retain] of scenario.publish) await client.publishAsync(topic, payload, { qos, retain });
  if (scenario.expect > 0) await all;
  await client.endAsync();
  process.exit(0);
});
