// The console's route view in a real browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, openConsole, openDoor, noFaults, ready, settled, shot, url } from './page.mjs';

let browser;
before(async () => { browser = await openBrowser(); });
after(async () => { await browser.close(); });

async function coloursOnMap(page) {
  await settled(page);
  const png = await page.locator('#map').screenshot();
  return new Set(png.toString('hex').match(/.{8}/g)).size;
}

async function fillEnds(page, origin, destination) {
  await page.fill('#origin', origin);
  await page.press('#origin', 'Tab');
  await page.fill('#destination', destination);
  await page.press('#destination', 'Tab');
}

const call = (at, name, stay = 0) => `c=${at.join(',')}~${stay}~${encodeURIComponent(name)}`;
const loop = (...more) => `#/route?${call([112.43, 33.49], '南召县')}&${call([112.83, 32.69], '唐河县', 30)}&t=2026-11-20T08:00&loop=1${more.join('')}`;

test('the page draws roads, zones and checkpoints without the internet', async () => {
  const page = await openConsole(browser);
  assert.ok(await coloursOnMap(page) > 1000);
  assert.match(await page.textContent('#legend'), /封闭[\s\S]*卡点通行/);
  assert.match(await page.textContent('#state'), /规则版本 \d+/);
  assert.match(await page.textContent('#note'), /示意/);
  await shot(page, 'console-start');
  noFaults(page);
  await page.context().close();
});

test('a closed loop between two typed names is planned, drawn and kept in the link', async () => {
  const page = await openConsole(browser);
  await fillEnds(page, '南召', '唐河');
  await page.waitForSelector('#result .sum');
  assert.equal(await page.inputValue('#origin'), '南召县');
  assert.match(await page.textContent('#result .sum'), /公里/);
  assert.equal(await page.locator('#result .legs > li').count(), 2);
  const [sum, link] = [await page.textContent('#result .sum'), page.url()];
  await page.reload();
  await ready(page);
  await page.waitForSelector('#result .sum');
  assert.equal(page.url(), link);
  assert.equal(await page.textContent('#result .sum'), sum);
  assert.equal(await page.inputValue('#destination'), '唐河县');
  await shot(page, 'console-route');
  noFaults(page);
  await page.context().close();
});

test('the list under a field is chosen from with the keyboard', async () => {
  const page = await openConsole(browser);
  await page.locator('#origin').pressSequentially('G40');
  await page.waitForSelector('.found:not([hidden]) [role=option]');
  await page.press('#origin', 'ArrowDown');
  assert.equal(await page.getAttribute('.found [role=option]', 'aria-selected'), 'true');
  await page.press('#origin', 'Enter');
  assert.equal(await page.inputValue('#origin'), '沪陕高速');
  await page.fill('#origin', ''); // a road and a stake, on the carriageway where stakes fall
  await page.locator('#origin').pressSequentially('G40 K1050+500');
  await page.waitForFunction(() => /递减/.test(document.querySelector('.found:not([hidden])')?.textContent));
  await page.press('#origin', 'ArrowUp');
  await page.press('#origin', 'Enter');
  await page.waitForSelector('.pin.origin');
  assert.equal(await page.inputValue('#origin'), 'G40 K1050+500');
  await page.fill('#destination', '没有这个地方');
  await page.press('#destination', 'Tab');
  await page.waitForSelector('#destination[aria-invalid=true]');
  noFaults(page);
  await page.context().close();
});

test('two clicks on the map ask for a route, a third offers what to do with the place', async () => {
  const page = await openConsole(browser);
  const box = await page.locator('#map').boundingBox();
  await page.mouse.click(box.x + box.width * 0.45, box.y + box.height * 0.42);
  await page.waitForSelector('.pin.origin');
  await page.mouse.click(box.x + box.width * 0.6, box.y + box.height * 0.62);
  await page.waitForSelector('#result .sum, #result .problem');
  await settled(page);
  await page.mouse.click(box.x + box.width * 0.3, box.y + box.height * 0.3);
  await page.click('.menu button:nth-child(2)');
  await page.waitForSelector('.pin.stop');
  assert.equal(await page.locator('#route-form .call').count(), 3);
  noFaults(page);
  await page.context().close();
});

test('a destination in a closed zone is refused with the rule in the way, on the map and in words', async () => {
  const zone = (await (await fetch(`${url}/v1/zones`)).json()).features.find((f) => f.id === 'demo-through');
  const ring = zone.geometry.coordinates.flat(zone.geometry.type === 'Polygon' ? 1 : 2).slice(1);
  const middle = [0, 1].map((i) => ring.reduce((sum, p) => sum + p[i], 0) / ring.length);
  const page = await openConsole(browser, { hash: `#/route?${call([112.83, 32.69], '唐河县')}&${call(middle.map((n) => n.toFixed(5)), '风险区')}&t=2026-11-20T08:00&loop=0` });
  await page.waitForSelector('#result .problem');
  assert.match(await page.textContent('#result .problem'), /只过不停/);
  await page.waitForSelector('.conflict-pin');
  await shot(page, 'console-no-route');
  noFaults(page);
  await page.context().close();
});

test('vehicles and credentials are compared on the same journey, and a plan says why it goes that way', async () => {
  const page = await openConsole(browser, { hash: loop() });
  await page.waitForSelector('#result .sum');
  await page.click('#compare');
  await page.waitForSelector('.compare tbody tr', { timeout: 60000 });
  assert.equal(await page.locator('.compare tbody tr').count(), 7);
  assert.match(await page.textContent('.compare'), /六轴列车[\s\S]*公里/);
  await page.click('.compare tbody tr:last-child th button');
  await page.click('#by-credentials');
  await page.waitForFunction(() => /加持/.test(document.querySelector('.compare')?.textContent));
  assert.match(await page.textContent('.compare tbody'), /现在的条件（六轴列车 49 吨）[\s\S]*加持：/);
  await page.click('#why');
  await page.waitForSelector('#result-more :is(h3, .hint:not(.busy), .bad)', { timeout: 60000 });
  assert.equal(await page.locator('#result-more .bad').count(), 0);
  noFaults(page);
  await page.context().close();
});

test('the language switch changes every word and keeps the answer', async () => {
  const page = await openConsole(browser, { hash: loop() });
  await page.waitForSelector('#result .sum');
  await page.click('#language');
  assert.match(await page.textContent('#result .sum'), /km/);
  assert.equal(await page.textContent('#go'), 'Plan the route');
  assert.equal(await page.getAttribute('html', 'lang'), 'en');
  noFaults(page);
  await page.context().close();
});

test('a reload without the service shows what was last heard and says so', async () => {
  const door = await openDoor();
  const page = await openConsole(browser, { base: door.url, serviceWorkers: 'allow' });
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await page.reload(); // by now everything goes through it
  await ready(page);
  await settled(page);
  await door.shut();
  await page.reload();
  await ready(page);
  await page.waitForSelector('#state.down');
  assert.match(await page.textContent('#offline'), /最后一次/);
  assert.ok(await coloursOnMap(page) > 1000);
  await door.open();
  await page.waitForSelector('#state.live');
  await page.waitForSelector('#offline', { state: 'hidden' });
  await page.context().close();
  await door.shut();
});

test('it fits a phone and a dark room', async () => {
  const page = await openConsole(browser, { width: 390, height: 844, scheme: 'dark', hash: loop() });
  await page.waitForSelector('#result .sum');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `page is ${wide} px wide`);
  await shot(page, 'console-phone-dark');
  noFaults(page);
  await page.context().close();
});
