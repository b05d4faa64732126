/** The first port of a setting such as "8083,8084"; undefined where the text leaves it open ("0", "off"). */
export function firstPort(setting: string): number | undefined {
  const port = Number(setting.split(',')[0]);
  return isPort(port) ? port : undefined;
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}
