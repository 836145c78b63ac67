// Somebody else's base map in GCJ-02: its tiles are moved beneath true coordinates, in the console of a real service.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { noFaults, openBrowser, openConsole, settled, shot, url } from './page.mjs';

const program = process.env.BAOCHANG_PROGRAM || fileURLToPath(new URL('../../build/release/baochang', import.meta.url));
const listen = (server) => new Promise((resolve) => { server.listen(0, '127.0.0.1', () => resolve(server.address().port)); });
let browser;
before(async () => { browser = await openBrowser(); });
after(async () => { await browser.close(); });

function crc(bytes) {
  let c = ~0;
  for (const byte of bytes) { c ^= byte; for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1; }
  return ~c >>> 0;
}

// A tile of 256 × 256: grey, red within six pixels of a place (of the tile, in pixels).
function png([px, py]) {
  const rows = Buffer.alloc(256 * (1 + 256 * 3), 0xdd);
  for (let y = 0; y < 256; y++) {
    rows[y * 769] = 0;
    for (let x = 0; x < 256; x++) if (Math.hypot(x + 0.5 - px, y + 0.5 - py) < 6) rows.set([255, 0, 0], y * 769 + 1 + x * 3);
  }
  const chunk = (type, data) => {
    const out = Buffer.alloc(12 + data.length), body = Buffer.concat([Buffer.from(type), data]);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc(body), 8 + data.length);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(256, 0);
  head.writeUInt32BE(256, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

// In pixels of the whole map at a zoom.
const pixel = (z, [lon, lat]) => [(lon + 180) / 360, (1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2].map((n) => n * 2 ** z * 256);

async function snap(location, crs) {
  const response = await fetch(`${url}/v1/snap`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ location, crs, max_snap_m: 3000 }) });
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  return answer.locations[0].places[0].snapped;
}

// A service of its own that lies on the base map; `tiles` answers for the map.
async function withBaseMap(t, tiles) {
  const maps = http.createServer((request, response) => {
    const [z, x, y] = request.url.match(/\d+/g).map(Number);
    response.writeHead(200, { 'Content-Type': 'image/png', 'Access-Control-Allow-Origin': '*' });
    response.end(tiles(z, x, y));
  });
  const free = http.createServer();
  const [at, port] = [await listen(maps), await listen(free)];
  await new Promise((resolve) => free.close(resolve));
  const served = spawn(program, ['serve', `--port=${port}`, `--basemap=http://127.0.0.1:${at}/{z}/{x}/{y}.png`, '--basemap-crs=gcj02', '--basemap-attribution=高德地图'], { stdio: 'ignore' });
  t.after(async () => {
    maps.closeAllConnections();
    maps.close();
    if (served.exitCode === null) await new Promise((resolve) => { served.once('exit', resolve); served.kill(); });
  });
  for (let i = 0; i < 150 && served.exitCode === null; i++) {
    if ((await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.ok) return { base: `http://127.0.0.1:${port}`, maps: `127.0.0.1:${at}` };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the service with a base map is not ready');
}

test('a base map in GCJ-02 lies where our roads are', async (t) => {
  const place = [112.53, 33.0]; // of our roads; the map has it some 550 m further east and north
  const plain = png([-99, -99]);
  let shifted = null, asked = 0;
  const { base, maps } = await withBaseMap(t, (z, x, y) => {
    asked += 1;
    const [px, py] = pixel(z, shifted || place);
    const mark = [px - x * 256, py - y * 256];
    return mark.some((n) => n < -8 || n > 264) ? plain : png(mark);
  });
  const page = await openConsole(browser, { base });
  // the console's own offset is the service's
  const seats = [place, [112.43, 33.49], [113.0, 33.26], [111.48, 33.3], [112.83, 32.69], [113.4, 32.37], [112.09, 32.68]];
  const ours = (points) => page.evaluate(async (list) => { const { gcj02 } = await import('/console/js/gcj02.js'); return list.map(gcj02); }, points);
  const truly = await Promise.all(seats.map((at) => snap(at, 'EPSG:4490')));
  const there = await Promise.all((await ours(seats)).map((at) => snap(at, 'gcj02')));
  (await ours(truly)).forEach((at, i) => assert.ok(Math.hypot(at[0] - there[i][0], at[1] - there[i][1]) < 3e-7, `${at} ${there[i]}`));
  [shifted] = await ours([place]);
  assert.ok(shifted[0] - place[0] > 0.005);

  // the mark of the shifted map comes to lie on the place, at every zoom, wherever it is within a tile
  for (const z of [9, 12, 14, 16, 18]) {
    const [px, py] = pixel(z, place), [x, y] = [px, py].map((n) => Math.floor(n / 256));
    const mark = await page.evaluate(async ({ template, tile }) => {
      const { shiftedTiles } = await import('/console/js/gcj02.js');
      const image = await shiftedTiles(template)(...tile), canvas = new OffscreenCanvas(256, 256), c = canvas.getContext('2d');
      c.drawImage(image, 0, 0);
      const { data } = c.getImageData(0, 0, 256, 256), sum = [0, 0, 0];
      for (let i = 0; i < data.length; i += 4) {
        const red = Math.max(0, data[i] - data[i + 1]);
        sum[0] += red; sum[1] += red * (((i / 4) % 256) + 0.5); sum[2] += red * (Math.floor(i / 1024) + 0.5);
      }
      return [sum[1] / sum[0], sum[2] / sum[0], sum[0] / 255];
    }, { template: `http://${maps}/{z}/{x}/{y}.png`, tile: [z, x, y] });
    const [mx, my] = [px - x * 256, py - y * 256];
    assert.ok(mark[2] > 60, `zoom ${z}: ${mark}`);
    if (Math.min(mx, my, 256 - mx, 256 - my) > 7) assert.ok(Math.hypot(mark[0] - mx, mark[1] - my) < 0.2, `zoom ${z}: ${mark} for ${mx}, ${my}`);
  }
  await settled(page);
  assert.ok(asked > 10);
  assert.match(await page.textContent('#note'), /高德地图/);
  await shot(page, 'console-basemap');
  page.faults = page.faults.filter((fault) => fault !== `asked ${maps}`);
  noFaults(page);
  await page.context().close();
});
