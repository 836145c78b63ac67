// A page of the real service in Debian's Chromium. Nothing but loopback may be asked: any other request fails the test.
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import http from 'node:http';

const require = createRequire(`${process.env.BROWSER_MODULES}/`);
const { chromium } = require('playwright-core');

export const url = process.env.BAOCHANG_URL;
const shots = process.env.BAOCHANG_SHOTS;

export async function openBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu',
    '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'] });
}

export async function openConsole(browser, { width = 1366, height = 768, scheme = 'light', language = 'zh', hash = '', base = url, serviceWorkers = 'block' } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', reducedMotion: 'reduce', serviceWorkers });
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(`page: ${error.message}`));
  page.on('console', (message) => { if (message.type() === 'error') page.faults.push(`console: ${message.text()}`); });
  page.on('request', (request) => {
    const host = new URL(request.url()).host;
    if (!request.url().startsWith('data:') && !request.url().startsWith('blob:') && host !== new URL(base).host) page.faults.push(`asked ${host}`);
  });
  if (language !== 'zh') await page.addInitScript((l) => localStorage.setItem('language', l), language);
  await page.goto(`${base}/${hash}`);
  await ready(page).catch((failure) => { throw new Error(`${failure.message}\n${page.faults.join('\n')}`); });
  return page;
}

export const ready = (page) => page.waitForSelector('html[data-ready=true]', { timeout: 60000 });

// Until the map has drawn everything it asked for: the console says so when its map is idle.
export async function settled(page) {
  await page.waitForSelector('#map[data-idle=true]', { timeout: 150000 });
}

export async function shot(page, name) {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await settled(page);
  await page.screenshot({ path: `${shots}/${name}.png` });
}

// What is on the page now, as RGBA bytes; kept under a name where shots are.
export async function picture(page, name) {
  const png = await page.screenshot(shots && (mkdirSync(shots, { recursive: true }), { path: `${shots}/${name}.png` }));
  const reader = await page.context().browser().newPage();
  try {
    return Uint8Array.from(Buffer.from(await reader.evaluate(async (data) => {
      const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
      const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
      context.drawImage(image, 0, 0);
      const bytes = context.getImageData(0, 0, image.width, image.height).data;
      let text = '';
      for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
      return btoa(text);
    }, png.toString('base64')), 'base64'));
  } finally {
    await reader.close();
  }
}

// Answers that say no are logged by the browser as errors: those a test provokes are no faults of the page, nor is a service
// that says on a busy machine that it is busy.
export const noFaults = (page) => assert.deepEqual(page.faults.filter((fault) => !/status of (422|503)/.test(fault)), []);

// A page of somebody else's on the service's own origin: `files` has [type, text] by path, and /modules/ is what npm installed.
const TYPES = { js: 'text/javascript', css: 'text/css', png: 'image/png', svg: 'image/svg+xml' };
function ownFile(files, path) {
  if (files[path]) return files[path];
  if (!path.startsWith('/modules/') || path.includes('..')) return null;
  return [TYPES[path.split('.').at(-1)] || 'application/octet-stream', readFileSync(`${process.env.BROWSER_MODULES}/node_modules/${path.slice(9)}`)];
}

// The service behind a door that can be shut: a browser's own "offline" does not reach service workers.
export async function openDoor(files = {}) {
  const sockets = new Set();
  const server = http.createServer((request, response) => {
    const own = ownFile(files, request.url);
    if (own) {
      response.writeHead(200, { 'Content-Type': own[0] });
      return void response.end(own[1]);
    }
    const ahead = http.request(url + request.url, { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    ahead.on('error', () => response.destroy());
    response.on('close', () => ahead.destroy());
    request.pipe(ahead);
  });
  server.on('connection', (socket) => { sockets.add(socket); socket.on('close', () => sockets.delete(socket)); });
  const open = (port) => new Promise((resolve) => { server.listen(port, '127.0.0.1', resolve); });
  await open(0);
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}`,
    open: () => open(port),
    shut: () => new Promise((resolve) => { server.close(resolve); for (const socket of sockets) socket.destroy(); }),
  };
}

export async function signIn(page, key) {
  await page.click('#who');
  await page.fill('#key', key);
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('dialog', { state: 'detached' });
}

// What a planner draws and an approver approves, over the service itself; `lift` ends it. It binds when this is done.
export async function desk(key, method, path, body) {
  const response = await fetch(url + path, { method, headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', 'Accept-Language': 'zh-CN' }, body: body && JSON.stringify(body) });
  const answer = await response.json().catch(() => null);
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

export async function approved(kind, feature) {
  const { PLANNER_KEY: planner, APPROVER_KEY: approver } = process.env;
  const path = `/v1/${kind}/${(await desk(planner, 'POST', `/v1/${kind}`, feature)).id}`;
  await desk(planner, 'POST', `${path}/submit`, {});
  const { rules_version: version } = await desk(approver, 'POST', `${path}/approve`, { authority: '南阳市人民政府', document_no: '宛政测〔2026〕8号' });
  for (let i = 0; i < 100 && (await desk(approver, 'GET', '/v1/network')).rules_version < (version || 0); i++) await new Promise((resolve) => setTimeout(resolve, 100));
  return { path, lift: () => desk(approver, 'POST', `${path}/lift`, { opinion: '测试结束' }) };
}
