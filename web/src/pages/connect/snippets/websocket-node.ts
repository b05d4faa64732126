import { payload, quoted, webSocketUrl, type SnippetInput } from './snippet';

export const webSocketNode = (input: SnippetInput) => `// send.mjs; npm install ws
import WebSocket from 'ws';

const token = ${quoted(input.token)};

const connection = new WebSocket(${quoted(webSocketUrl(input))}, ['iotplatform.ack'], {
  headers: { Authorization: \`Bearer \${token}\` },
});
connection.on('open', () => connection.send(JSON.stringify(${payload(input)})));
connection.on('message', (answer) => {
  console.log(answer.toString());
  connection.close();
});
connection.on('error', console.error);
`;
