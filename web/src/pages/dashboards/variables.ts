// Panels of variables: which sensors of a device a pattern of paths means.
import type { Variable } from './document';

/** With the variables' values instead of their names. */
export function substitute(pattern: string, variables: Record<string, string>): string {
  return pattern.replace(/\$(\w+)/g, (whole, name: string) => variables[name] ?? whole);
}

/** Whether a path with name fits: * is anything up to the next /, ** is all. */
export function fits(pattern: string, path: string): boolean {
  const source = pattern
    .split(/(\*\*|\*)/)
    .map((part) => (part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`, 'u').test(path);
}

export function pathOf(sensor: { path: string; name: string }): string {
  return sensor.path ? `${sensor.path}/${sensor.name}` : sensor.name;
}

export function deviceOf(device: string, variables: readonly Variable[], values: Record<string, string>): string {
  const variable = variables.find((each) => `$${each.name}` === device);
  return variable ? (values[variable.name] ?? '') : '';
}
