// The one place that talks to the service. Every failure is a `Problem`, so that callers show it and never guess.
import { acceptLanguage, text } from './text.js';

export class Problem extends Error {
  constructor(document) {
    super(document.detail || document.title || text('unreachable'));
    this.document = document;
  }
}

// The key lives as long as the tab does and is nowhere else.
export const session = {
  get key() { return sessionStorage.getItem('key'); },
  set key(value) { value ? sessionStorage.setItem('key', value) : sessionStorage.removeItem('key'); },
  who: null,
  may(...roles) { return Boolean(this.who && (roles.includes(this.who.role) || this.who.role === 'admin')); },
};

// body: a value, sent as JSON; file: bytes of the media type `type`, sent as they are
async function call(path, { signal, method = 'GET', body, file, type, headers = {}, key = session.key, tries = 2 } = {}) {
  const head = { 'Accept-Language': acceptLanguage(), ...headers };
  if (key) head.Authorization = `Bearer ${key}`;
  if (file) head['Content-Type'] = type;
  else if (body !== undefined) head['Content-Type'] = 'application/json';
  let response;
  try {
    response = await fetch(path, { method, signal, headers: head, body: file || (body === undefined ? undefined : JSON.stringify(body)) });
  } catch (failure) {
    if (failure.name === 'AbortError') throw failure;
    throw new Problem({ code: 'unreachable', detail: text('unreachable') });
  }
  const answer = await response.json().catch((failure) => {
    if (aborted(failure)) throw failure; // given up while it came
    return null;
  });
  if (response.status === 503 && method === 'GET' && tries > 0) { // busy: it says when to ask again
    await new Promise((resolve) => setTimeout(resolve, Math.min(5, Number(response.headers.get('Retry-After')) || 1) * 1000));
    if (signal?.aborted) throw new DOMException('', 'AbortError');
    return call(path, { signal, headers, key, tries: tries - 1 });
  }
  if (!response.ok) throw new Problem(answer || { code: 'unreachable', status: response.status, detail: text('unreachable') });
  if (answer && response.headers.get('X-Console-Kept')) Object.defineProperty(answer, 'kept', { value: true }); // of offline.js
  if (answer && typeof answer === 'object') Object.defineProperty(answer, 'etag', { value: response.headers.get('ETag') });
  return answer;
}

// A file that takes a key, shown or saved from the page's own memory: a link could not carry the key.
export async function openFile(path, name) {
  const response = await fetch(path, { headers: { 'Accept-Language': acceptLanguage(), ...(session.key ? { Authorization: `Bearer ${session.key}` } : {}) } }).catch(() => null);
  if (!response?.ok) throw new Problem((await response?.json().catch(() => null)) || { code: 'unreachable', detail: text('unreachable') });
  saveFile(await response.blob(), name);
}

export function saveFile(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

export const getJson = (path, options) => call(path, options);
export const postJson = (path, body, options = {}) => call(path, { method: 'POST', body, ...options });
export const postFile = (path, file, type, options = {}) => call(path, { method: 'POST', file, type, ...options });
export const putJson = (path, body, options = {}) => call(path, { method: 'PUT', body, ...options });
export const remove = (path, options = {}) => call(path, { method: 'DELETE', ...options });
export const planRoute = (request, signal) => postJson('/v1/route', request, { signal });

export const aborted = (failure) => failure?.name === 'AbortError';

export async function signIn(key) {
  session.who = await getJson('/v1/session', { key });
  session.key = key;
  return session.who;
}

export function signOut() {
  session.key = null;
  session.who = null;
}

// Whether the service has a path: what it describes of itself, read once. An older service has less than the console knows of.
let described = null;
export async function offers(path) {
  described ??= getJson('/openapi.json').then((document) => document.paths, () => ({}));
  return path in await described;
}

// Only the newest of several questions counts: asking again ends the one before.
export class Latest {
  start() {
    this.controller?.abort();
    this.controller = new AbortController();
    return this.controller.signal;
  }

  stop() { this.controller?.abort(); }
}

// All pages of a list, at most `most` objects, so that a county's register is whole and a province's does not hang the page.
export async function pages(path, most = 2000, options = {}) {
  const features = [];
  let cursor = '';
  do {
    const answer = await getJson(`${path}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`, options);
    features.push(...answer.features);
    cursor = answer.next;
  } while (cursor && features.length < most);
  return { features, whole: !cursor };
}
