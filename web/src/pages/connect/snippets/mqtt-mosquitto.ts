import { bareHost, payload, type SnippetInput } from './snippet';

export const mqttMosquitto = (input: SnippetInput) => `mosquitto_pub -h ${bareHost(input)} -p ${input.port} -q 1 \\
  -u JWT -P '${input.token}' \\
  -t '${input.device}' \\
  -m '${payload(input)}'
`;
