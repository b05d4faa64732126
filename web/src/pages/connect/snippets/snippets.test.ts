import { describe, expect, it } from 'vitest';
import { protocols } from '.';
import { asPython, bareHost, valueFor, type Snippet } from './snippet';

const input = { host: 'iot.example', port: 12345, token: 'aa.bb.cc', device: '777', sensor: '888', value: '21.5' };
const all = Object.entries(protocols).flatMap(([protocol, { snippets }]) =>
  Object.entries<Snippet>(snippets).map(([language, snippet]) => ({ protocol, language, snippet })),
);

describe.each(all)('$protocol with $language', ({ protocol, snippet }) => {
  const text = snippet(input);

  it('holds address, token and sensor', () => {
    for (const each of ['iot.example', '12345', 'aa.bb.cc', '888', '21.5']) expect(text).toContain(each);
    // The token says which device it is; only MQTT has it as the topic.
    expect(text.includes('777')).toBe(protocol === 'mqtt');
  });

  it('has each of them from its input', () => {
    const other = snippet({ ...input, host: 'h.example', port: 1, token: 'dd', device: '3', sensor: '4', value: '5' });
    for (const each of ['iot.example', '12345', 'aa.bb.cc', '777', '888']) expect(other).not.toContain(each);
  });

  it('needs no line longer than a screen, but for the token', () => {
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
  });
});

describe('parts of snippets', () => {
  it('have values that fit the sensor', () => {
    expect(valueFor('boolean')).toBe('true');
    expect(asPython(valueFor('boolean'))).toBe('True');
    expect(JSON.parse(valueFor('geo_point'))).toEqual({ lat: 52.52, lon: 13.405 });
  });

  it('take the brackets of IPv6 from hosts that stand alone', () => {
    expect(bareHost({ ...input, host: '[::1]' })).toBe('::1');
    expect(bareHost(input)).toBe('iot.example');
  });
});
