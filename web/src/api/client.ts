// The REST API, typed from its OpenAPI document, and what goes wrong with it as one kind of error.
import createClient from 'openapi-fetch';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];
export type Role = Schemas['Role'];
export type User = Schemas['User'];
export type Device = Schemas['Device'];
export type Sensor = Schemas['Sensor'];
export type Consumer = Schemas['Consumer'];
export type Latest = Schemas['Latest'];
export type TreeNode = Schemas['TreeNode'];

export interface Fault {
  message: string;
  /** Of the body or of the parameters; missing where it is about the whole request. */
  field?: string;
}

/** A refusal of the server, or that it was not reached (status 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly faults: Fault[];

  constructor(status: number, name: string, faults: Fault[]) {
    super(faults.map((fault) => (fault.field ? `${fault.field}: ${fault.message}` : fault.message)).join('; ') || name);
    this.name = name;
    this.status = status;
    this.faults = faults;
  }

  get isSignedOut(): boolean {
    return this.status === 401;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Of a body of our own form, of Elasticsearch's, or of none. */
export function errorOf(status: number, body: unknown): ApiError {
  if (isObject(body) && Array.isArray(body.errors)) {
    const faults = body.errors.filter(isObject).map((fault): Fault => {
      const message = String(fault.message);
      return typeof fault.field === 'string' && fault.field !== '' ? { message, field: fault.field } : { message };
    });
    return new ApiError(status, String(body.name), faults);
  }
  if (isObject(body) && isObject(body.error)) {
    const cause =
      Array.isArray(body.error.root_cause) && isObject(body.error.root_cause[0])
        ? body.error.root_cause[0]
        : body.error;
    return new ApiError(status, String(cause.type), [{ message: String(cause.reason) }]);
  }
  return new ApiError(status, status === 0 ? 'NotReached' : `HTTP ${status}`, []);
}

type SignedOutListener = () => void;
const signedOutListeners = new Set<SignedOutListener>();

/** Is called each time an answer says that the session has ended. Returns what ends the listening. */
export function onSignedOut(listener: SignedOutListener): () => void {
  signedOutListeners.add(listener);
  return () => void signedOutListeners.delete(listener);
}

/** fetch() with the session's cookie; throws an ApiError for every refusal. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw errorOf(0, undefined);
  }
  if (response.ok) return response;
  if (response.status === 401 && path !== '/api/session') for (const listener of signedOutListeners) listener();
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  throw errorOf(response.status, body);
}

/** The operations of the REST API. What they give in `data` is there: refusals are thrown by request(). */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  fetch: async (input: Request) => {
    const url = new URL(input.url);
    const body = input.method === 'GET' || input.method === 'DELETE' ? undefined : await input.text();
    const init: RequestInit = { method: input.method, signal: input.signal };
    if (body) Object.assign(init, { body, headers: { 'Content-Type': 'application/json' } });
    return request(url.pathname + url.search, init);
  },
});

/** The `data` of an answer of `api`. */
export async function data<T>(answer: Promise<{ data?: T }>): Promise<T> {
  const given = (await answer).data;
  if (given === undefined) throw errorOf(0, undefined);
  return given;
}
