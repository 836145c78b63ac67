// How closely the way around a zone follows a vertex that is dragged, in the real console in Chromium (drawn by software):
//   make bench-drag
// Pointer events come sixty times a second for SECONDS, in a window of SIZE (1366x768; a smaller one shows how much of it is painting).
// Printed are the time between frames, the time of a question from the page's
// point of view (sent to shown), and how old the place of the pointer is that an answer on the screen belongs to.
import { openBrowser, openConsole, settled, signIn } from '../browser/page.mjs';

const SECONDS = Number(process.env.SECONDS || 10);
const [width, height] = (process.env.SIZE || '1366x768').split('x').map(Number);
const tomorrow = `${new Date(Date.now() + 32 * 3600e3).toISOString().slice(0, 10)}T09:30`;
const browser = await openBrowser();
const page = await openConsole(browser, { hash: `#/route?c=112.43,33.49~0~A&c=112.83,32.69~30~B&t=${tomorrow}&loop=1`, width, height });
await page.waitForSelector('#result .sum');
await settled(page);
await signIn(page, process.env.PLANNER_KEY);
await page.click('#tab-rules');
await page.click('#new-zone');
await page.selectOption('#zone-class', 'FL-CUT');
await page.click('#view-rules h2');
const box = await page.locator('#map').boundingBox();
const [x, y] = [box.x + box.width * 0.15, box.y + box.height * 0.4];
for (const [dx, dy] of [[0, 0], [30, 0], [30, 60], [0, 60]]) await page.mouse.click(x + dx, y + dy);
await page.keyboard.press('Enter');
await page.waitForSelector('#plans-then', { timeout: 60000 });
await settled(page);

await page.mouse.move(x + 30, y);
await page.mouse.down();
// in the page: sixty moves a second of its own clock, so that the test's pipe is not what is measured
const found = await page.evaluate(({ seconds, from, to, top }) => new Promise((resolve) => {
  const canvas = document.querySelector('#map canvas'), frames = [], asked = [], shown = [];
  let moved = performance.now(), last = moved;
  const begin = moved, fetched = window.fetch;
  window.fetch = async (path, options) => {
    if (path !== '/v1/route') return fetched(path, options);
    const sent = performance.now(), pointer = moved;
    const answer = await fetched(path, options);
    asked.push({ sent, pointer });
    return answer;
  };
  new MutationObserver(() => {
    const now = performance.now(), one = asked.pop();
    if (one) shown.push({ question: now - one.sent, age: now - one.pointer, at: now });
    asked.length = 0;
  }).observe(document.querySelector('#effects'), { childList: true });
  const tick = () => { const now = performance.now(); frames.push(now - last); last = now; if (now - begin < seconds * 1000) requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
  const timer = setInterval(() => {
    const now = performance.now(), part = ((now - begin) / 4000) % 2; // there in four seconds, and back
    const at = from + (to - from) * (part > 1 ? 2 - part : part);
    moved = now;
    canvas.dispatchEvent(new MouseEvent('mousemove', { clientX: at, clientY: top, bubbles: true, buttons: 1 }));
    if (now - begin > seconds * 1000) { clearInterval(timer); window.fetch = fetched; resolve({ frames: frames.slice(1), shown }); }
  }, 1000 / 60);
}), { seconds: SECONDS, from: x + 30, to: box.x + box.width * 0.5, top: y });
await page.mouse.up();
await browser.close();

const of = (list) => { const sorted = [...list].sort((a, b) => a - b); return [0.5, 0.95, 0.99].map((q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))].toFixed(1)).join(' / '); };
const { frames, shown } = found;
console.log(`${width}x${height}: ${frames.length} frames, ${shown.length} answers in ${SECONDS} s; p50 / p95 / p99 in ms`);
console.log(`between frames      ${of(frames)}`);
console.log(`between answers     ${of(shown.slice(1).map((s, i) => s.at - shown[i].at))}`);
console.log(`question to shown   ${of(shown.map((s) => s.question))}`);
console.log(`pointer to shown    ${of(shown.map((s) => s.age))}`);
