import { httpUrl, payload, quoted, type SnippetInput } from './snippet';

export const httpNode = (input: SnippetInput) => `// send.mjs, Node.js 18 or newer
const token = ${quoted(input.token)};

const answer = await fetch(${quoted(httpUrl(input))}, {
  method: 'POST',
  headers: { Authorization: \`Bearer \${token}\`, 'Content-Type': 'application/json' },
  body: JSON.stringify(${payload(input)}),
});
console.log(answer.status, await answer.text());
`;
