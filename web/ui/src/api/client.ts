/** One door to the API: adds the CSRF token, reads errors into `ApiError`, and says when nobody is logged in. */
import type { ErrorBody } from './types';

const BASE = '/api/v1';

/** An answer that is not 2xx, or no answer at all (`status` 0, code `unreachable`). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly body: ErrorBody;

  constructor(status: number, body: ErrorBody) {
    super(body.message);
    this.name = 'ApiError';
    this.status = status;
    this.code = body.code;
    this.body = body;
  }
}

let csrf = '';
let onLoggedOut: () => void = () => undefined;

export function setCsrf(token: string): void {
  csrf = token;
}

/** Called when the server says 401 to anything but the login itself. */
export function setLoggedOutHandler(handler: () => void): void {
  onLoggedOut = handler;
}

/** A list becomes the same name several times. */
type Query = Record<string, string | number | boolean | readonly (string | number)[] | null | undefined>;

export function apiUrl(path: string, query?: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (Array.isArray(value)) value.forEach((each) => params.append(name, String(each)));
    else if (value !== null && value !== undefined) params.set(name, String(value));
  }
  const text = params.toString();
  return `${BASE}${path}${text ? `?${text}` : ''}`;
}

async function readError(response: Response): Promise<ErrorBody> {
  const plain = (): ErrorBody => ({
    code: `http_${response.status}`,
    message: `${response.status} ${response.statusText}`.trim(),
    fields: [],
    current: null,
    sent: null,
  });
  if (!response.headers.get('content-type')?.includes('json')) return plain();
  const data = (await response.json().catch(() => null)) as { error?: ErrorBody } | null;
  return data?.error ?? plain();
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** The raw answer, for bodies that are not JSON. Throws `ApiError`. */
export async function send(path: string, options: RequestOptions = {}): Promise<Response> {
  const method = options.method ?? 'GET';
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
  if (method !== 'GET' && csrf) headers['x-csrf-token'] = csrf;
  let payload: BodyInit | undefined;
  if (typeof options.body === 'string') {
    payload = options.body;
  } else if (options.body !== undefined) {
    payload = JSON.stringify(options.body);
    headers['content-type'] = 'application/json';
  }
  let response: Response;
  try {
    response = await fetch(apiUrl(path, options.query), {
      method,
      headers,
      body: payload,
      signal: options.signal,
      credentials: 'same-origin',
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, {
      code: 'unreachable',
      message: String(error),
      fields: [],
      current: null,
      sent: null,
    });
  }
  if (response.ok) return response;
  const body = await readError(response);
  if (response.status === 401 && body.code === 'not_logged_in') onLoggedOut();
  throw new ApiError(response.status, body);
}

async function json<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) => json<T>(path, { query, signal }),
  post: <T>(path: string, body?: unknown, headers?: Record<string, string>) =>
    json<T>(path, { method: 'POST', body: body ?? {}, headers }),
  put: <T>(path: string, body: unknown) => json<T>(path, { method: 'PUT', body }),
  patch: <T>(path: string, body: unknown) => json<T>(path, { method: 'PATCH', body }),
  delete: <T>(path: string, query?: Query) => json<T>(path, { method: 'DELETE', query }),
};
