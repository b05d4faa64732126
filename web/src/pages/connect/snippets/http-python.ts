import { asPython, httpUrl, payload, quoted, type SnippetInput } from './snippet';

export const httpPython = (input: SnippetInput) => `import json
import urllib.request

TOKEN = ${quoted(input.token)}

reading = ${asPython(payload(input))}
request = urllib.request.Request(
    ${quoted(httpUrl(input))},
    data=json.dumps(reading).encode(),
    headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
)
with urllib.request.urlopen(request) as answer:
    print(answer.read().decode())
`;
