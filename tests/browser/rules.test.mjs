// The console's rules and its one screen in a real browser: drawing, submitting, approving, notices. Needs a planner's and an
// approver's key (PLANNER_KEY, APPROVER_KEY); leaves behind only what it has lifted.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { desk, openBrowser, openConsole, noFaults, settled, shot, signIn, url } from './page.mjs';

const { PLANNER_KEY: planner, APPROVER_KEY: approver } = process.env;
const tomorrow = `${new Date(Date.now() + 32 * 3600e3).toISOString().slice(0, 10)}T09:30`; // in Shanghai: a new zone binds from now on
const loop = `#/route?c=112.43,33.49~0~A&c=112.83,32.69~30~B&t=${tomorrow}&loop=1`;
let browser;
before(async () => { browser = await openBrowser(); });
after(async () => { await browser.close(); });

// A square around a place, drawn with the mouse.
async function square(page, half = 40, at = [0.5, 0.5]) {
  await settled(page);
  const box = await page.locator('#map').boundingBox();
  const [x, y] = [box.x + box.width * at[0], box.y + box.height * at[1]];
  for (const [dx, dy] of [[-1, -1], [1, -1], [1, 1], [-1, 1]]) await page.mouse.click(x + dx * half, y + dy * half);
  await page.keyboard.press('Enter');
}

const findings = (page) => page.waitForSelector('#findings .facts li');

test('everybody sees the rules in force, at another moment, their details and history, and a key that is none is refused', async () => {
  const page = await openConsole(browser, { hash: '#/rules?kind=zones' });
  await page.waitForSelector('#rules .row');
  assert.match(await page.textContent('#rules'), /唐白河下游淹没区/);
  const asked = page.waitForResponse((response) => /v1\/zones\?at=/.test(response.url()));
  await page.focus('#at');
  await page.keyboard.press('PageUp');
  assert.equal((await asked).status(), 200);
  await page.click('#at-now');
  await page.waitForFunction(() => document.querySelector('#at').value === '0');
  await page.fill('#rules-words', '淹没');
  assert.equal(await page.locator('#rules .row').count(), 1);
  await page.click('#rules .row');
  await page.waitForSelector('.facts-list');
  assert.match(await page.textContent('.facts-list'), /宛汛示〔2026〕1号/);
  await page.click('#act-history');
  await page.waitForSelector('#history .acts li');
  assert.equal(await page.locator('#act-lift').count(), 0);
  await page.click('#who');
  await page.fill('#key', 'bck_0000000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('dialog .bad:not(:empty)');
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => sessionStorage.getItem('key')), null);
  assert.deepEqual(page.faults.filter((fault) => !/status of (401|503)/.test(fault)), []);
  await page.context().close();
});

test('a zone is drawn, judged while it is drawn, submitted by one, approved by another, moves the route, and is lifted', async () => {
  const page = await openConsole(browser, { hash: loop });
  await page.waitForSelector('#result .sum');
  await settled(page);
  const before = await page.textContent('#result .sum');
  const leg = (await (await fetch(`${url}/v1/route`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ origin: { location: [112.43, 33.49] },
    destination: { location: [112.83, 32.69] }, depart_at: `${tomorrow}:00+08:00`, vehicle: { class: 'truck_6_axle' }, steps: false }) })).json()).plans[0].legs[0].geometry.coordinates;
  const [lon, lat] = leg[Math.floor(leg.length / 2)];
  await signIn(page, planner);
  await page.click('#tab-rules');
  await page.click('#new-zone');
  await page.fill('#zone-name', '浏览器测试区');
  await page.selectOption('#zone-class', 'FL-CUT');

  // a bow tie first: what is wrong is said and marked, and cannot be stored
  await page.click('#view-rules details.more summary');
  const around = (...corners) => corners.map(([x, y]) => `${(lon + x * 0.02).toFixed(6)}, ${(lat + y * 0.02).toFixed(6)}`).join('\n');
  await page.fill('#zone-coordinates', around([-1, -1], [1, 1], [1, -1], [-1, 1]));
  await page.press('#zone-coordinates', 'Tab');
  await page.waitForSelector('#findings .tag.error');
  assert.equal(await page.isDisabled('#zone-save'), true);

  await page.fill('#zone-coordinates', around([-1, -1], [1, -1], [1, 1], [-1, 1]));
  await page.press('#zone-coordinates', 'Tab');
  await page.waitForFunction(() => document.querySelector('#findings .tag') && !document.querySelector('#findings .tag.error'));
  await page.waitForSelector('#route-then');
  assert.match(await page.textContent('#route-then'), /[+−]|无法通行/);
  await page.waitForSelector('#plans-then');
  assert.match(await page.textContent('#lanes-then summary'), /^企业线路 \d+ 条：绕行 \d+，中断 \d+。$/);
  await shot(page, 'console-draw');
  await page.click('#zone-save');
  await page.waitForSelector('#act-submit');
  await page.click('#act-submit');
  await page.click('dialog button[type=submit]');
  await page.waitForFunction(() => !document.querySelector('#act-submit') && document.querySelector('.facts-list'));
  assert.equal(await page.locator('#act-approve').count(), 0); // nobody approves what they drew
  const where = page.url();

  const second = await openConsole(browser, { hash: new URL(where).hash });
  await signIn(second, approver);
  await second.click('#act-approve');
  await second.fill('#approve-authority', '南阳市人民政府');
  await second.fill('#approve-document', '宛政测〔2026〕9号');
  await second.click('dialog button[type=submit]');
  await second.waitForSelector('#act-lift');
  assert.match(await second.textContent('.facts-list'), /宛政测〔2026〕9号/);

  // the other page hears of it and its route moves
  await page.click('#tab-route');
  await page.waitForFunction((old) => { const now = document.querySelector('#result .sum')?.textContent; return now && now !== old; }, before);
  await second.click('#act-lift');
  await second.fill('dialog textarea', '测试结束');
  await second.click('dialog button[type=submit]');
  await second.waitForFunction(() => !document.querySelector('#act-lift') && document.querySelector('#acts .acts'));
  assert.match(await second.textContent('#acts'), /测试结束/);
  await page.waitForFunction((old) => document.querySelector('#result .sum')?.textContent === old, before);
  noFaults(page);
  second.faults = second.faults.filter((fault) => !/status of 404/.test(fault)); // the draft was asked for before its key was given
  noFaults(second);
  await page.context().close();
  await second.context().close();
});

test('an area is drawn with the mouse, a vertex is dragged and deleted, a file is read', async () => {
  const page = await openConsole(browser, { hash: '#/rules?kind=zones' });
  await signIn(page, planner);
  await page.click('#new-zone');
  await page.click('#view-rules h2'); // the keys are the map's, not the field's
  await square(page);
  const lines = () => page.inputValue('#zone-coordinates').then((value) => value.split('\n').filter(Boolean));
  await page.waitForFunction(() => document.querySelector('#zone-coordinates').value.split('\n').length === 4);
  await findings(page);
  await settled(page);
  const box = await page.locator('#map').boundingBox();
  const [x, y] = [box.x + box.width / 2 - 40, box.y + box.height / 2 - 40];
  const [first] = await lines();
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 30, y - 30, { steps: 4 });
  await page.mouse.up();
  assert.notEqual((await lines())[0], first);
  await page.keyboard.press('Delete');
  assert.equal((await lines()).length, 3);
  await page.setInputFiles('#zone-file', { name: 'area.geojson', mimeType: 'application/geo+json', buffer: Buffer.from(JSON.stringify({ type: 'Feature', properties: { name: '文件里的区' },
    geometry: { type: 'Polygon', coordinates: [[[112.5, 33.2], [112.6, 33.2], [112.6, 33.3], [112.5, 33.2]]] } })) });
  await page.waitForFunction(() => document.querySelector('#zone-name').value === '文件里的区');
  assert.match((await lines())[0], /^112\.500000, 33\.200000$/);
  await page.click('#zone-cancel');
  await page.waitForSelector('#rules .row');
  noFaults(page);
  await page.context().close();
});

test('while a vertex is dragged the way around the zone follows it, before anything else is asked', async () => {
  const page = await openConsole(browser, { hash: loop });
  await page.waitForSelector('#result .sum');
  await settled(page);
  await signIn(page, planner);
  await page.click('#tab-rules');
  await page.click('#new-zone');
  await page.selectOption('#zone-class', 'FL-CUT');
  await page.click('#view-rules h2'); // the keys are the map's
  const box = await page.locator('#map').boundingBox();
  const [x, y] = [box.x + box.width * 0.15, box.y + box.height * 0.4]; // west of the route; a corner is dragged over it
  for (const [dx, dy] of [[0, 0], [30, 0], [30, 60], [0, 60]]) await page.mouse.click(x + dx, y + dy);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#plans-then');
  await settled(page);
  const asked = [];
  page.on('request', (request) => { if (request.method() === 'POST') asked.push(new URL(request.url()).pathname); });
  await page.mouse.move(x + 30, y);
  await page.mouse.down();
  const words = new Set();
  for (let i = 1; i <= 20; i++) {
    await page.mouse.move(x + 30 + i * box.width * 0.02, y);
    await page.waitForTimeout(40);
    words.add(await page.textContent('#route-then').catch(() => ''));
  }
  assert.equal(await page.getAttribute('#effects', 'aria-busy'), 'true');
  await page.waitForFunction(() => /[+−]\d/.test(document.querySelector('#route-then')?.textContent)); // round it, with the button still down
  assert.ok(words.size > 1, [...words].join('\n'));
  assert.ok(asked.filter((path) => path === '/v1/route').length > 3, asked.join());
  await page.mouse.up();
  await page.waitForSelector('#plans-then'); // then all of it is judged
  assert.equal(await page.getAttribute('#effects', 'aria-busy'), null);
  assert.ok(asked.includes('/v1/whatif') && asked.includes('/v1/impact'));
  await page.click('#zone-cancel');
  noFaults(page);
  await page.context().close();
});

test('files of a bureau are looked at before anything is stored: what was understood, what is wrong with it and where, then drafts', async () => {
  const page = await openConsole(browser, { hash: '#/rules?kind=zones' });
  await signIn(page, planner);
  await page.click('#import-zones-file');
  assert.ok(await page.isDisabled('#import-save'));

  // a shapefile without a class is refused area by area; with one it is understood
  const file = async (form, type) => ({ name: `区域.${form}`, mimeType: type, buffer: Buffer.from(await (await fetch(`${url}/v1/export/zones.${form === 'zip' ? 'shp.zip' : form}?encoding=gbk`)).arrayBuffer()) });
  await page.setInputFiles('#import-file', await file('zip', 'application/zip'));
  await page.waitForSelector('#import-refused li');
  assert.match(await page.textContent('#import-refused'), /第 1–\d+ 块：[\s\S]*类别/);
  assert.ok(await page.isDisabled('#import-save'));
  await page.selectOption('#import-class', 'SEC');
  await page.selectOption('#import-rule', 'caution');
  await page.waitForSelector('#import-zones li');
  assert.match(await page.textContent('#import-zones'), /唐白河下游淹没区[\s\S]*SEC 谨慎通行/);
  await shot(page, 'console-import');

  // what crosses itself is marked where it does
  const bow = [[112.0, 33.0], [112.1, 33.1], [112.1, 33.0], [112.0, 33.1], [112.0, 33.0]];
  const area = (name, ring) => ({ type: 'Feature', properties: { class: 'SEC', name }, geometry: { type: 'Polygon', coordinates: [ring] } });
  const geojson = (...features) => ({ name: 'areas.geojson', mimeType: 'application/geo+json', buffer: Buffer.from(JSON.stringify({ type: 'FeatureCollection', features })) });
  await page.selectOption('#import-class', '');
  await page.selectOption('#import-rule', '');
  await page.setInputFiles('#import-file', geojson(area('自相交', bow)));
  await page.waitForSelector('#import-refused button.link');

  // a good one becomes a draft
  await page.setInputFiles('#import-file', geojson(area('浏览器导入区', [[112.90, 33.03], [112.96, 33.03], [112.96, 33.09], [112.90, 33.03]])));
  await page.waitForSelector('#import-save:enabled');
  assert.match(await page.textContent('#import-save'), /存为 1 份草稿/);
  await page.click('#import-save');
  await page.waitForFunction(() => /浏览器导入区/.test(document.querySelector('#rules')?.textContent));
  await page.click('#rules .row:has-text("浏览器导入区")');
  await page.click('#act-delete');
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('#rules .row');

  // and a GeoPackage
  await page.click('#import-zones-file');
  await page.selectOption('#import-class', 'SEC');
  await page.setInputFiles('#import-file', await file('gpkg', 'application/geopackage+sqlite3'));
  await page.waitForSelector('#import-zones li');
  await page.click('#import-cancel');
  page.faults = page.faults.filter((fault) => !/status of 400/.test(fault)); // refused, as it should be
  noFaults(page);
  await page.context().close();
});

test('a checkpoint is put on the map, opens a zone, asks for a credential, and is changed before it is submitted', async () => {
  const page = await openConsole(browser, { hash: '#/rules?kind=checkpoints' });
  await signIn(page, planner);
  await page.click('#new-checkpoint');
  await page.waitForFunction(() => /请先/.test(document.querySelector('#findings').textContent));
  assert.ok(await page.isDisabled('#checkpoint-save'));
  await page.fill('#checkpoint-name', '浏览器测试卡点');
  await settled(page);
  const box = await page.locator('#map').boundingBox();
  await page.mouse.click(box.x + box.width * 0.4, box.y + box.height * 0.5);
  await page.waitForSelector('.pin.checkpoint');
  const clicked = await page.inputValue('#checkpoint-place');
  assert.match(clicked, /^11\d\.\d{5}, 3\d\.\d{5}$/);
  const { features } = await (await fetch(`${url}/v1/checkpoints`)).json();
  const stand = features.find((f) => f.properties.gates.some((g) => g.zone === 'demo-animal'));
  await page.fill('#checkpoint-place', stand.geometry.coordinates.map((n) => n.toFixed(5)).join(', ')); // beside one of the demo's
  await page.press('#checkpoint-place', 'Tab');
  await page.check('#checkpoint-gates input[value=demo-animal]');
  await page.selectOption('#checkpoint-gates select:enabled', 'enter');
  await page.click('#checkpoint-types summary');
  await page.check('#checkpoint-types tbody tr:first-child td:nth-child(2) input');
  await page.fill('#checkpoint-types tbody tr:first-child input[type=number]', '48');
  await page.fill('#checkpoint-opens', '06:00');
  await page.fill('#checkpoint-closes', '22:00');
  await page.waitForSelector('#checkpoint-save:enabled');
  await shot(page, 'console-checkpoint');
  await page.click('#checkpoint-save');
  await page.waitForSelector('#act-edit');
  assert.match(await page.textContent('.facts-list'), /公安查控[\s\S]*只进[\s\S]*≤ 48 h[\s\S]*06:00–22:00/);
  await page.click('#act-edit');
  assert.equal(await page.inputValue('#checkpoint-name'), '浏览器测试卡点');
  await page.selectOption('#checkpoint-kind', 'animal_quarantine');
  await page.fill('#checkpoint-capacity_h', '90');
  await page.waitForSelector('#checkpoint-save:enabled');
  await page.click('#checkpoint-save');
  await page.waitForFunction(() => /动物检疫[\s\S]*每小时 90 辆/.test(document.querySelector('.facts-list')?.textContent));
  assert.match(await page.textContent('.facts-list'), /只进[\s\S]*≤ 48 h/); // the rest is as it was
  await page.click('#act-delete');
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('#rules .row');
  noFaults(page);
  await page.context().close();
});

test('a notice is read into drafts linked to its words, what was not understood is marked, and a closure is made without one', async () => {
  const page = await openConsole(browser, { hash: '#/rules?kind=notices' });
  await signIn(page, planner);
  await page.fill('#notice-text', '因降雪，禁止所有车辆上站的路段有：\n沪陕高速：内乡站至西坪站；没有的高速：甲站至乙站；');
  await page.click('#notice-read');
  await page.waitForSelector('.notice-text mark.not');
  assert.match(await page.textContent('.notice-text mark:not(.head, .not)'), /内乡站至西坪站/);
  assert.match(await page.textContent('#notice-answer'), /道路未知/);
  assert.match(await page.textContent('#notice-answer ol'), /G40 内乡站至西坪站 禁止上站[\s\S]*草稿/);
  await shot(page, 'console-notice');
  await page.click('#kind-closures');
  await page.click('#new-closure');
  await page.selectOption('#closure-route', 'G40');
  await page.selectOption('#closure-action', 'speed_limit');
  await page.waitForSelector('#findings .facts li');
  await page.click('#closure-save');
  await page.waitForSelector('#act-submit');
  assert.match(await page.textContent('.facts-list'), /限速[\s\S]*60 km\/h[\s\S]*G40/);
  await page.click('#act-delete');
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('#rules .row');
  noFaults(page);
  await page.context().close();
});

test('a plan is kept and printed, and one screen shows it with what is in force, the gates, and how old that is', async () => {
  const page = await openConsole(browser, { hash: loop, width: 1920, height: 1080 });
  await signIn(page, approver);
  await page.click('#keep');
  const sheet = page.waitForEvent('download');
  await page.click('#sheet-pdf');
  assert.match((await sheet).suggestedFilename(), /^baochang-[0-9a-f]{12}\.pdf$/);
  for (const [form, has] of [['gpx', /<trkpt|<rtept/], ['kml', /<coordinates>/]]) {
    const file = page.waitForEvent('download');
    await page.click(`#sheet-${form}`);
    assert.match(readFileSync(await (await file).path(), 'utf8'), has);
  }
  await page.click('#tab-screen');
  await page.waitForSelector('.tiles .tile:nth-child(6)');
  assert.match(await page.textContent('#screen-age'), /规则版本 \d+/);
  assert.match(await page.textContent('#view-screen table'), /开放中|未开放/);
  await page.click('#plans li:last-child button');
  await shot(page, 'console-screen');

  // a loop through two gates is kept elsewhere: the page hears of it, and the load of the gates has grown by what was told
  const works = (await (await fetch(`${url}/v1/facilities`)).json()).features.find((f) => f.properties.name.startsWith('邓州示意粮油加工厂'));
  await page.waitForSelector('#gates-load');
  const before = (await desk(approver, 'GET', '/v1/overview')).gates;
  const kept = await desk(planner, 'POST', '/v1/route', { origin: { location: [112.09, 32.68] }, destination: { location: works.geometry.coordinates }, vehicle: { class: 'truck_2_axle' }, store: true,
    depart_at: `${new Date(Date.now() + 9 * 3600e3).toISOString().slice(0, 16)}:00+08:00`, credentials: [{ type: 'disinfection', issued_at: `${new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 16)}:00+08:00` }] });
  const [gate] = kept.plans[0].legs.flatMap((leg) => leg.gates);
  const loaded = (gates) => gates.find((g) => g.checkpoint === gate.checkpoint).passages;
  await page.waitForFunction(([name, n]) => [...document.querySelectorAll('#gates tbody tr')].some((row) => row.textContent.includes(name) && row.textContent.includes(`6 小时共 ${n} 辆`)),
    [gate.name, loaded(before) + 1]);
  await desk(planner, 'DELETE', `/v1/plans/${kept.decision_id}`);
  noFaults(page);
  await page.context().close();
});

test('every control has a name, every view one heading, and nothing that is hidden can be reached', async () => {
  const page = await openConsole(browser, { hash: loop });
  await signIn(page, planner);
  const audit = () => page.evaluate(() => {
    const shown = (e) => e.checkVisibility({ visibilityProperty: true });
    const name = (e) => (e.getAttribute('aria-label') || (e.labels && [...e.labels].map((l) => l.textContent).join('')) || e.textContent || e.title || '').trim();
    const controls = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [role=combobox], [role=listbox]')].filter(shown);
    const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
    return { nameless: controls.filter((e) => !name(e)).map((e) => e.outerHTML.slice(0, 120)), twice: ids.filter((id, i) => ids.indexOf(id) !== i),
      headings: [...document.querySelectorAll('h2')].filter(shown).length, language: document.documentElement.lang,
      small: controls.filter((e) => e.matches('button:not(.link)') && e.getBoundingClientRect().height < 24).map((e) => e.outerHTML.slice(0, 120)) };
  });
  for (const hash of [loop, '#/rules?kind=zones', '#/rules?kind=closures', '#/rules?kind=notices', '#/screen']) {
    await page.evaluate((h) => { location.hash = h; }, hash);
    await page.waitForSelector('h2:visible');
    await page.evaluate(() => document.querySelectorAll('details').forEach((e) => { e.open = true; }));
    const { nameless, twice, headings, small } = await audit();
    assert.deepEqual({ hash, nameless, twice, headings, small }, { hash, nameless: [], twice: [], headings: 1, small: [] });
  }
  await page.evaluate(() => { location.hash = '#/rules?kind=checkpoints'; });
  await page.click('#new-checkpoint');
  const { nameless, twice, headings } = await audit();
  assert.deepEqual({ nameless, twice, headings }, { nameless: [], twice: [], headings: 1 });
  noFaults(page);
  await page.context().close();
});
