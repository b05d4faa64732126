// Which protocols can be spoken from where, and how.
import { httpArduino } from './http-arduino';
import { httpCpp } from './http-cpp';
import { httpCurl } from './http-curl';
import { httpJava } from './http-java';
import { httpNode } from './http-node';
import { httpPython } from './http-python';
import { mqttArduino } from './mqtt-arduino';
import { mqttCpp } from './mqtt-cpp';
import { mqttJava } from './mqtt-java';
import { mqttMosquitto } from './mqtt-mosquitto';
import { mqttNode } from './mqtt-node';
import { mqttPython } from './mqtt-python';
import type { Snippet } from './snippet';
import { webSocketArduino } from './websocket-arduino';
import { webSocketCpp } from './websocket-cpp';
import { webSocketJava } from './websocket-java';
import { webSocketNode } from './websocket-node';
import { webSocketPython } from './websocket-python';

export interface Protocol {
  label: string;
  defaultPort: number;
  /** The setting that says the ports, of which the first counts. */
  setting: string;
  /** By the names of languages and tools, which are the same in all languages of people. */
  snippets: Record<string, Snippet>;
}

export const protocols = {
  http: {
    label: 'HTTP',
    defaultPort: 8083,
    setting: 'http.ports',
    snippets: {
      curl: httpCurl,
      Python: httpPython,
      'Node.js': httpNode,
      Java: httpJava,
      'C++': httpCpp,
      Arduino: httpArduino,
    },
  },
  mqtt: {
    label: 'MQTT',
    defaultPort: 1883,
    setting: 'mqtt.port',
    snippets: {
      mosquitto_pub: mqttMosquitto,
      Python: mqttPython,
      'Node.js': mqttNode,
      Java: mqttJava,
      'C++': mqttCpp,
      Arduino: mqttArduino,
    },
  },
  websocket: {
    label: 'WebSocket',
    defaultPort: 8765,
    setting: 'websocket.ports',
    snippets: {
      Python: webSocketPython,
      'Node.js': webSocketNode,
      Java: webSocketJava,
      'C++': webSocketCpp,
      Arduino: webSocketArduino,
    },
  },
} as const satisfies Record<string, Protocol>;

export type ProtocolName = keyof typeof protocols;
