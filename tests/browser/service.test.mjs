// How the console asks the service: when it asks again, and when it does not.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

globalThis.localStorage = { getItem: () => null };
globalThis.sessionStorage = { getItem: () => null };
const { aborted, getJson, postJson, Problem } = await import(new URL('../../api/console/js/service.js', import.meta.url));

let asked, waited, answers;
const wait = globalThis.setTimeout;
beforeEach(() => {
  asked = [];
  waited = [];
  globalThis.setTimeout = (work, ms) => { waited.push(ms); return wait(work, 0); };
  globalThis.fetch = async (path, { method }) => { asked.push(`${method} ${path}`); return answers.shift(); };
});
const busy = (seconds) => new Response(JSON.stringify({ code: 'unavailable', detail: 'busy' }), { status: 503, headers: { 'Retry-After': String(seconds) } });
const good = (value) => new Response(JSON.stringify(value), { status: 200 });

test('a busy service is asked again, when it says and not later than in five seconds', async () => {
  answers = [busy(2), busy(60), good({ here: true })];
  assert.equal((await getJson('/v1/zones')).here, true);
  assert.deepEqual([asked, waited], [Array(3).fill('GET /v1/zones'), [2000, 5000]]);
});

test('twice and no more: then it is the problem that it says', async () => {
  answers = [busy(1), busy(1), busy(1), good({})];
  await assert.rejects(getJson('/v1/zones'), (failure) => failure instanceof Problem && failure.message === 'busy');
  assert.equal(asked.length, 3);
});

test('what would write is not sent again, and no other answer is asked for again', async () => {
  answers = [busy(1)];
  await assert.rejects(postJson('/v1/zones', {}), Problem);
  answers = [new Response('{"code":"not_found","detail":"nothing"}', { status: 404 })];
  await assert.rejects(getJson('/v1/zones/x'), /nothing/);
  assert.deepEqual([asked.length, waited], [2, []]);
});

test('who has given up meanwhile is not answered', async () => {
  const giving = new AbortController();
  answers = [busy(1), good({})];
  globalThis.setTimeout = (work) => { giving.abort(); return wait(work, 0); };
  await assert.rejects(getJson('/v1/zones', { signal: giving.signal }), aborted);
  assert.equal(asked.length, 1);
});
