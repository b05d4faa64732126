// What a consumer's programs may begin with.

/** The name of the file that the consumer's key is downloaded as. */
export function keyFile(consumer: string): string {
  return `consumer-${consumer}-key.json`;
}

const authorization = (consumer: string) => `-H "Authorization: Bearer $(jq -r .token ${keyFile(consumer)})"`;

export function newestCommand(origin: string, consumer: string, sensor: string): string {
  const address = `${origin}/api/consumers/consume/${sensor}/_search?size=10&sort=timestamp:desc`;
  return `curl -s ${authorization(consumer)} '${address}'`;
}

export function liveCommand(origin: string, consumer: string): string {
  return `curl -sN ${authorization(consumer)} -H 'Accept: text/event-stream' '${origin}/api/consumers/live'`;
}
