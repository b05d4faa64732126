import { asPython, payload, quoted, webSocketUrl, type SnippetInput } from './snippet';

export const webSocketPython = (input: SnippetInput) => `# pip install websockets
import json

from websockets.sync.client import connect

TOKEN = ${quoted(input.token)}

with connect(
    ${quoted(webSocketUrl(input))},
    additional_headers={"Authorization": f"Bearer {TOKEN}"},
    subprotocols=["iotplatform.ack"],
) as connection:
    connection.send(json.dumps(${asPython(payload(input))}))
    print(connection.recv())
`;
