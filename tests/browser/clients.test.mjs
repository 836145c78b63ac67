// Clients that exist, as npm has them: leaflet-routing-machine, a REST client for OSRM, and MapLibre with nothing but our tiles.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { openBrowser, openDoor, picture, url } from './page.mjs';

const require = createRequire(`${process.env.BROWSER_MODULES}/`);
const html = (body) => ['text/html; charset=utf-8', `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">${body}`];
const NANZHAO = [112.43, 33.49], SHEQI = [112.93, 33.06], TANGHE = [112.83, 32.69];
let browser;
before(async () => { browser = await openBrowser(); });
after(async () => { await browser.close(); });

async function openPage(t, path, body) {
  const door = await openDoor({ [path]: html(body) });
  const page = await browser.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error') page.faults.push(message.text()); });
  t.after(async () => { await page.close(); await door.shut(); });
  await page.goto(door.url + path);
  return page;
}

const near = (a, b, degrees = 0.01) => Math.hypot(a[0] - b[0], a[1] - b[1]) < degrees;

test('leaflet-routing-machine plans, takes a place in between, and shows a refusal', async (t) => {
  const page = await openPage(t, '/leaflet', `<link rel="stylesheet" href="/modules/leaflet/dist/leaflet.css">
    <link rel="stylesheet" href="/modules/leaflet-routing-machine/dist/leaflet-routing-machine.css">
    <script src="/modules/leaflet/dist/leaflet.js"></script><script src="/modules/leaflet-routing-machine/dist/leaflet-routing-machine.js"></script>
    <div id="map" style="height: 500px"></div>`);
  const plan = (points) => page.evaluate((waypoints) => new Promise((resolve) => {
    const at = waypoints.map(([lon, lat]) => L.latLng(lat, lon));
    if (!window.control) {
      const map = L.map('map').setView(at[0], 9);
      window.control = L.Routing.control({ waypoints: [], serviceUrl: '/route/v1', showAlternatives: true }).addTo(map);
    }
    window.control.once('routesfound', ({ routes }) => resolve(routes.map((r) => ({ length: r.summary.totalDistance, time: r.summary.totalTime, line: r.coordinates.map((c) => [c.lng, c.lat]),
      words: r.instructions.map((i) => i.text), calls: r.waypoints.map((w) => [w.latLng.lng, w.latLng.lat]), at: r.waypointIndices }))));
    window.control.once('routingerror', ({ error }) => resolve(error.target?.status || error.message));
    setTimeout(() => resolve('no answer'), 20000);
    window.control.setWaypoints(at);
  }), points);

  const routes = await plan([NANZHAO, SHEQI]);
  assert.ok(Array.isArray(routes), routes);
  const [best] = routes;
  const own = await (await fetch(`${url}/route/v1/driving/${NANZHAO};${SHEQI}?overview=false`)).json();
  assert.equal(best.length, own.routes[0].distance);
  assert.ok(near(best.line[0], NANZHAO) && near(best.line.at(-1), SHEQI));
  assert.ok(best.words.length > 3 && best.words.every(Boolean) && /^Head /.test(best.words[0]) && /arrived/.test(best.words.at(-1)), best.words.join('\n'));
  const drawn = await page.evaluate(() => [document.querySelectorAll('.leaflet-overlay-pane path').length, document.querySelectorAll('.leaflet-routing-alt:not(.leaflet-routing-alt-minimized) tr').length]);
  assert.ok(drawn[0] > 0 && drawn[1] === best.words.length, drawn.join());

  const [longer] = await plan([NANZHAO, TANGHE, SHEQI]);
  assert.ok(longer.length > best.length && longer.at.length === 3 && near(longer.calls[1], TANGHE));
  assert.equal(await plan([NANZHAO, [112.06, 33.065]]), 400); // an area that is closed
  assert.deepEqual(page.faults.filter((fault) => !/status of 400|Routing error/.test(fault)), []);
});

test('a REST client for OSRM reads routes, tables, places, tours and tracks', async () => {
  const { OSRM } = require('osrm-rest-client');
  const polyline = require('@mapbox/polyline');
  const osrm = OSRM({ osrm: url, defaultProfile: 'driving' });
  const { routes: [route], waypoints } = await osrm.route({ coordinates: [NANZHAO, SHEQI], steps: true, overview: 'full', annotations: true });
  const line = polyline.decode(route.geometry).map(([lat, lon]) => [lon, lat]);
  assert.ok(waypoints.every((w, i) => near(w.location, i ? SHEQI : NANZHAO)) && near(line[0], waypoints[0].location, 1e-4) && near(line.at(-1), waypoints[1].location, 1e-4));
  const steps = route.legs[0].steps;
  assert.equal(steps.flatMap((step) => polyline.decode(step.geometry).slice(1)).length >= line.length - 1, true);
  assert.ok(Math.abs(steps.reduce((sum, step) => sum + step.distance, 0) - route.distance) < 1);

  const table = await osrm.table({ coordinates: [NANZHAO, SHEQI, TANGHE] });
  assert.ok(Math.abs(table.durations[0][1] - route.duration) < route.duration * 0.02 && table.durations.every((row, i) => row[i] === 0));
  const place = await osrm.nearest({ coordinates: [NANZHAO], number: 2 });
  assert.ok(place.waypoints.length === 2 && near(place.waypoints[0].location, NANZHAO));
  const tour = await osrm.trip({ coordinates: [NANZHAO, SHEQI, TANGHE], source: 'first' });
  assert.equal(tour.trips[0].legs.length, 3);
  const track = line.slice(0, 60).flatMap(([x, y], i, all) => [0, 0.5].map((t) => [x + ((all[i + 1] || all[i])[0] - x) * t, y + ((all[i + 1] || all[i])[1] - y) * t])).filter(([x, y], i, all) => i === 0 || !near([x, y], all[i - 1], 1e-5));
  const matched = await osrm.match({ coordinates: track.slice(0, 100), geometries: 'geojson' });
  assert.ok(matched.tracepoints.every(Boolean) && matched.matchings[0].geometry.coordinates.length > 10);
  await assert.rejects(osrm.route({ coordinates: [NANZHAO, [100, 10]] }), (failure) => failure.status === 400 && failure.response.body.code === 'NoSegment');
});

test('MapLibre draws every layer from its TileJSON', async (t) => {
  const page = await openPage(t, '/tiles-only', '<link rel="stylesheet" href="/console/vendor/maplibre-gl.css"><div id="map" style="width: 900px; height: 700px"></div>');
  const drawn = await page.evaluate(async () => {
    const { Map } = await import('/console/vendor/maplibre-gl.mjs');
    const { bbox } = await (await fetch('/v1/network')).json();
    const kinds = { roads: 'line', jurisdictions: 'line', zones: 'fill', closures: 'line', checkpoints: 'circle', facilities: 'circle' };
    const names = Object.keys(kinds);
    const now = Date.now() / 1000; // a rule that has a time stays in its tiles: when it binds is for the map to say
    const bound = ['all', ['!=', ['get', 'enabled'], false], ['any', ['!', ['has', 'until_s']], ['>', ['get', 'until_s'], now]]];
    const map = new Map({ container: 'map', bounds: [bbox.slice(0, 2), bbox.slice(2)], fadeDuration: 0, style: { version: 8,
      sources: Object.fromEntries(names.map((name) => [name, { type: 'vector', url: `${location.origin}/tiles/${name}.json` }])),
      layers: names.map((name) => ({ id: name, type: kinds[name], source: name, 'source-layer': name, ...(name === 'zones' ? { filter: bound } : {}) })) } });
    const faults = [];
    map.on('error', ({ error }) => faults.push(error.message));
    await new Promise((resolve) => map.once('idle', resolve));
    const features = Object.fromEntries(names.map((name) => [name, map.queryRenderedFeatures({ layers: [name] })]));
    return { faults, classes: [...new Set(features.roads.map((f) => f.properties.class))],
      ids: Object.fromEntries(names.slice(1).map((name) => [name, [...new Set(features[name].map((f) => f.properties[name === 'facilities' ? 'name' : 'id']))].sort()])) };
  });
  assert.deepEqual(drawn.faults, []);
  assert.ok(['motorway', 'trunk', 'primary', 'secondary'].every((name) => drawn.classes.includes(name)), drawn.classes.join());
  assert.ok(drawn.ids.jurisdictions.length >= 13, drawn.ids.jurisdictions.join());
  for (const layer of ['zones', 'checkpoints', 'closures', 'facilities']) {
    const { features } = await (await fetch(`${url}/v1/${layer}`)).json();
    const all = features.filter((f) => f.geometry).map((f) => (layer === 'facilities' ? f.properties.name : f.id));
    assert.deepEqual(drawn.ids[layer], [...new Set(all)].sort(), layer);
  }
  assert.deepEqual(page.faults, []);
});

test('MapLibre draws the whole style with letters of ours and none of its own', async (t) => {
  const page = await openPage(t, '/style-only', '<link rel="stylesheet" href="/console/vendor/maplibre-gl.css"><body style="margin: 0"><div id="map" style="width: 900px; height: 700px"></div>');
  // a style without labels is the same picture but for the letters
  const draw = (query) => page.evaluate(async (search) => {
    const { Map } = await import('/console/vendor/maplibre-gl.mjs');
    window.drawing?.remove();
    window.drawing = new Map({ container: 'map', center: [112.53, 33.0], zoom: 10.6, fadeDuration: 0, localIdeographFontFamily: false, attributionControl: false,
      style: await (await fetch(`/style.json?lang=zh${search}`)).json(), transformRequest: (address) => ({ url: address.replace(/^https?:\/\/[^/]+/, location.origin) }) });
    const faults = [];
    window.drawing.on('error', ({ error }) => faults.push(error.message));
    await new Promise((resolve) => window.drawing.once('idle', resolve));
    const labels = window.drawing.queryRenderedFeatures().filter((f) => f.layer.type === 'symbol' && f.layer.layout?.['text-field']);
    return { faults, labels: [...new Set(labels.flatMap(({ properties: p }) => [p.name, p.ref]).filter(Boolean))] };
  }, query);
  const asked = [];
  page.on('request', (request) => { if (request.url().includes('/fonts/')) asked.push(decodeURIComponent(new URL(request.url()).pathname)); });
  const bare = await draw('&labels=false');
  const without = await picture(page, 'style-without-labels');
  assert.deepEqual([bare.faults, bare.labels, asked], [[], [], []]);
  const drawn = await draw('');
  const full = await picture(page, 'style-with-own-letters');
  assert.deepEqual(drawn.faults, []);
  assert.ok(drawn.labels.some((name) => /[\u4e00-\u9fff]/.test(name)) && drawn.labels.some((name) => /^[GS]\d+/.test(name)), drawn.labels.join());
  const ranges = asked.map((path) => path.match(/^\/fonts\/Noto Sans CJK SC\/(\d+)-\d+\.pbf$/)?.[1]);
  assert.ok(ranges.includes('0') && ranges.some((first) => first >= 0x4e00 && first < 0xa000), asked.join());
  const ink = full.filter((value, i) => Math.abs(value - without[i]) > 60).length / full.length;
  assert.ok(ink > 0.002 && ink < 0.2, `letters cover ${ink}`);
  assert.deepEqual(page.faults, []);
});
