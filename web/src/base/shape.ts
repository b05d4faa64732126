// Checks of JSON that came from outside: what it must look like is said once, and every fault is named with its place.

export interface ShapeFault {
  /** "panels[2].kind"; empty for the whole. */
  path: string;
  fault: 'missing' | 'unknown' | 'type' | 'range' | 'oneOf';
  /** What would have been right. */
  expected: string;
}

/** Gives the value, checked; where it is wrong, undefined, and says so in `faults`. */
export type Shape<T> = (value: unknown, path: string, faults: ShapeFault[]) => T | undefined;
export type Shaped<S> = S extends Shape<infer T> ? T : never;

const wrong = (faults: ShapeFault[], path: string, fault: ShapeFault['fault'], expected: string) =>
  void faults.push({ path, fault, expected });

export const text =
  (length_max: number, pattern?: RegExp): Shape<string> =>
  (value, path, faults) => {
    if (typeof value !== 'string') return wrong(faults, path, 'type', 'string');
    if (value.length > length_max) return wrong(faults, path, 'range', `≤ ${length_max}`);
    if (pattern && !pattern.test(value)) return wrong(faults, path, 'oneOf', pattern.source);
    return value;
  };

export const number =
  (min = -Number.MAX_VALUE, max = Number.MAX_VALUE): Shape<number> =>
  (value, path, faults) => {
    if (typeof value !== 'number') return wrong(faults, path, 'type', 'number');
    if (!(value >= min && value <= max)) return wrong(faults, path, 'range', `${min} … ${max}`);
    return value;
  };

export const integer =
  (min: number, max: number): Shape<number> =>
  (value, path, faults) =>
    Number.isInteger(value) ? number(min, max)(value, path, faults) : wrong(faults, path, 'type', 'integer');

export const boolean: Shape<boolean> = (value, path, faults) =>
  typeof value === 'boolean' ? value : wrong(faults, path, 'type', 'boolean');

export const oneOf =
  <const T extends string | number>(allowed: readonly T[]): Shape<T> =>
  (value, path, faults) =>
    allowed.find((each) => each === value) ?? wrong(faults, path, 'oneOf', allowed.join(', '));

export const nullOr =
  <T>(shape: Shape<T>): Shape<T | null> =>
  (value, path, faults) =>
    value === null ? null : shape(value, path, faults);

export const list =
  <T>(shape: Shape<T>, length_max: number): Shape<T[]> =>
  (value, path, faults) => {
    if (!Array.isArray(value)) return wrong(faults, path, 'type', 'array');
    if (value.length > length_max) return wrong(faults, path, 'range', `≤ ${length_max}`);
    const before = faults.length;
    const each = value.map((one, at) => shape(one, `${path}[${at}]`, faults));
    return faults.length === before ? (each as T[]) : undefined;
  };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Any names, each with a value of this shape. */
export const map =
  <T>(shape: Shape<T>, length_max: number): Shape<Record<string, T>> =>
  (value, path, faults) => {
    if (!isObject(value)) return wrong(faults, path, 'type', 'object');
    const entries = Object.entries(value);
    if (entries.length > length_max) return wrong(faults, path, 'range', `≤ ${length_max}`);
    const before = faults.length;
    const checked = entries.map(([name, each]) => [name, shape(each, `${path}.${name}`, faults)] as const);
    return faults.length === before ? (Object.fromEntries(checked) as Record<string, T>) : undefined;
  };

type Members = Record<string, Shape<unknown>>;
type Required<M extends Members> = { [Name in keyof M]: Shaped<M[Name]> };
type Optional<M extends Members> = { [Name in keyof M]?: Shaped<M[Name]> };

/** These members and no other. */
export const object =
  <R extends Members, O extends Members = Record<never, never>>(
    required: R,
    optional = {} as O,
  ): Shape<Required<R> & Optional<O>> =>
  (value, path, faults) => {
    if (!isObject(value)) return wrong(faults, path, 'type', 'object');
    const before = faults.length;
    const at = (name: string) => (path ? `${path}.${name}` : name);
    const result: Record<string, unknown> = {};
    for (const [name, shape] of Object.entries({ ...required, ...optional })) {
      if (name in value) result[name] = shape(value[name], at(name), faults);
      else if (name in required) wrong(faults, at(name), 'missing', '');
    }
    for (const name of Object.keys(value)) {
      if (!(name in required) && !(name in optional)) wrong(faults, at(name), 'unknown', '');
    }
    return faults.length === before ? (result as Required<R> & Optional<O>) : undefined;
  };
