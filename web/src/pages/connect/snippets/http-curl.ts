import { httpUrl, payload, type SnippetInput } from './snippet';

export const httpCurl = (input: SnippetInput) => `curl -sS ${httpUrl(input)} \\
  -H 'Authorization: Bearer ${input.token}' \\
  -H 'Content-Type: application/json' \\
  -d '${payload(input)}'
`;
