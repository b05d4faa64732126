import { describe, expect, it } from 'vitest';
import { keyFile, liveCommand, newestCommand } from './commands';

describe('commands for consumers', () => {
  it('hold the address, the key file and the sensor', () => {
    expect(keyFile('7')).toBe('consumer-7-key.json');
    expect(newestCommand('http://iot.example:8080', '7', '4')).toBe(
      'curl -s -H "Authorization: Bearer $(jq -r .token consumer-7-key.json)" ' +
        "'http://iot.example:8080/api/consumers/consume/4/_search?size=10&sort=timestamp:desc'",
    );
    expect(liveCommand('http://iot.example:8080', '7')).toContain("'http://iot.example:8080/api/consumers/live'");
  });
});
