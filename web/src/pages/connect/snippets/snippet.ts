// What every snippet is made of.
import type { Sensor } from '@/api/client';

export interface SnippetInput {
  host: string;
  port: number;
  token: string;
  device: string;
  sensor: string;
  /** A value that fits the sensor, as JSON. */
  value: string;
}

export type Snippet = (input: SnippetInput) => string;

/** The time of arrival counts where a reading has none of its own. */
export const payload = ({ sensor, value }: SnippetInput) => `{"sensor_id": "${sensor}", "value": ${value}}`;

/** A text as a literal of JavaScript, Java, C and C++. */
export const quoted = (text: string) => JSON.stringify(text);

/** JSON as Python writes it; true and false are the only words that differ in the values here. */
export const asPython = (json: string) => json.replace(/\btrue\b/g, 'True').replace(/\bfalse\b/g, 'False');

export const httpUrl = ({ host, port }: SnippetInput) => `http://${host}:${port}/`;
export const webSocketUrl = ({ host, port }: SnippetInput) => `ws://${host}:${port}/`;

/** Without the brackets that addresses of IPv6 have in URLs. */
export const bareHost = ({ host }: SnippetInput) => host.replace(/^\[(.*)\]$/, '$1');

const values: Record<Sensor['mapping']['type'], string> = {
  double: '21.5',
  float: '21.5',
  long: '21',
  integer: '21',
  short: '21',
  byte: '21',
  boolean: 'true',
  keyword: '"open"',
  text: '"all is well"',
  date: '"2026-01-01T00:00:00Z"',
  geo_point: '{"lat": 52.52, "lon": 13.405}',
  object: '{"temperature": 21.5}',
};

export const valueFor = (type: Sensor['mapping']['type']) => values[type];
