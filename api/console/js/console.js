// The console: three views over one map, who is signed in, and how old what is shown may be.
import { $, ask, fill, h, toast } from './dom.js';
import { Live } from './live.js';
import { MapView } from './map.js';
import { RouteView } from './route_view.js';
import { RulesView } from './rules_view.js';
import { ScreenView } from './screen_view.js';
import { getJson, Problem, session, signIn, signOut } from './service.js';
import { hatch, RULES } from './style.js';
import { applyTexts, language, setLanguage, text } from './text.js';

const app = { map: null, views: {}, current: null, network: null, writing: false };

// ---- views and the address bar ------------------------------------------------------------------------------

// #/route?… The part before the question mark is the view, the rest is the view's own.
function address() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { name: app.views[path] ? path : 'route', params: new URLSearchParams(query) };
}

const links = {};
function link(name) {
  return (params) => {
    links[name] = params ? `#/${name}?${params}` : `#/${name}`;
    $(`tab-${name}`).href = links[name];
    if (app.current === name) history.replaceState(null, '', links[name]);
  };
}

function enter() {
  const { name, params } = address();
  const before = app.current;
  if (before && before !== name) app.views[before].leave?.();
  app.current = name;
  for (const each of Object.keys(app.views)) {
    $(`view-${each}`).hidden = each !== name;
    $(`tab-${each}`).toggleAttribute('aria-current', each === name);
    if (each === name) $(`tab-${each}`).setAttribute('aria-current', 'page');
  }
  document.body.dataset.view = name;
  const other = links[name] !== location.hash;
  links[name] = location.hash || `#/${name}`;
  if (before !== name) app.views[name].enter?.();
  if (other && [...params].length) app.views[name].read?.(params);
  if (before && before !== name) $('panel').scrollTop = 0;
}

// ---- what surrounds the views -------------------------------------------------------------------------------

function buildLegend() {
  const swatch = (rule) => {
    const canvas = h('canvas', { width: 48, height: 32, 'aria-hidden': 'true' });
    const c = canvas.getContext('2d');
    c.fillStyle = c.createPattern(hatch(rule), 'repeat');
    c.fillRect(0, 0, 48, 32);
    return canvas;
  };
  const sign = (name) => h('li', {}, h('span', { class: `sign ${name}`, 'aria-hidden': 'true' }), text(`legend_${name}`));
  fill($('legend'), h('summary', {}, text('legend')), h('ul', {}, RULES.map((rule) => h('li', {}, swatch(rule), text(rule))),
    sign('closure'), sign('checkpoint'), sign('plan'), sign('later')));
}

function showTexts() {
  applyTexts();
  $('language').textContent = text('switch_language');
  $('language').lang = language() === 'zh' ? 'en' : 'zh-CN';
  showWho();
  buildLegend();
  if (app.network) {
    $('region').textContent = app.network.name || '';
    $('note').textContent = [app.network.schematic ? text('schematic') : app.network.attribution, app.network.basemap?.attribution].filter(Boolean).join(' · ');
    document.title = `${text('product')} · ${app.network.name || ''}`;
  }
  app.map?.relabel();
  for (const view of Object.values(app.views)) view.relabel();
}

function showWho() {
  $('who').textContent = session.who ? `${session.who.holder} · ${text(`role_${session.who.role}`)}` : text('sign_in');
  $('who').title = text(session.who ? 'sign_out' : 'sign_in');
}

async function askKey() {
  if (session.who) {
    const sure = await ask(text('sign_out'), [], { say: text('sign_out'), cancel: text('cancel'), note: `${session.who.holder} · ${text(`role_${session.who.role}`)}` });
    if (!sure) return;
    signOut();
  } else {
    const input = h('input', { id: 'key', type: 'password', autocomplete: 'off', spellcheck: false, required: true });
    const who = await ask(text('sign_in'), [['key', text('key'), input]], { say: text('sign_in'), cancel: text('cancel'), note: text('key_note'), settle: ({ key }) => signIn(key) });
    if (!who) return;
    toast(text('welcome', { name: who.holder }));
  }
  showWho();
  for (const view of Object.values(app.views)) view.sessionChanged?.();
}

async function rulesChanged(news) {
  for (const [name, view] of Object.entries(app.views)) view.rulesChanged?.(news, name === app.current);
}

// ---- start --------------------------------------------------------------------------------------------------

async function connect() {
  for (let wait = 1000; ; wait = Math.min(wait * 1.5, 15000)) {
    try {
      return await getJson('/v1/network');
    } catch (problem) {
      $('offline').hidden = false;
      $('offline').textContent = problem.document?.detail || text('unreachable');
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

async function start() {
  setLanguage(language());
  showTexts();
  if ('serviceWorker' in navigator) navigator.serviceWorker.register('/console/js/offline.js', { scope: '/' }).catch(() => {});
  app.network = await connect();
  $('offline').hidden = true;
  if (session.key) await signIn(session.key).catch((failure) => { if (failure instanceof Problem && failure.document.status === 401) signOut(); });
  const [west, south, east, north] = app.network.bbox;
  app.map = new MapView($('map'), { bounds: [[west, south], [east, north]], basemap: app.network.basemap });
  const shared = { map: app.map, types: () => app.network.credential_types || [] };
  app.views = {
    route: new RouteView({ ...shared, link: link('route') }),
    rules: new RulesView({ ...shared, link: link('rules'), question: () => app.views.route.question }),
    screen: new ScreenView({ ...shared, link: link('screen'), network: () => app.network }),
  };
  showTexts();
  const places = await app.map.loadPlaces().catch(() => []);
  app.map.showPlaces(places.filter((f) => f.properties.kind === 'county_seat').map((f) => ({ name: f.properties.name, name_en: f.properties.name_en, at: f.geometry.coordinates })));
  await app.views.rules.refresh().catch(() => {});
  await app.map.ready;
  enter();
  window.addEventListener('hashchange', enter);
  new Live({ badge: $('state'), banner: $('offline'), changed: rulesChanged, network: (now) => { app.network = now; app.views.screen.heard(now); }, plans: () => app.views.screen.plansChanged() }).start(app.network);
  document.documentElement.dataset.ready = 'true';
}

$('language').addEventListener('click', () => { setLanguage(language() === 'zh' ? 'en' : 'zh'); showTexts(); });
$('who').addEventListener('click', askKey);
document.querySelector('.skip').addEventListener('click', (event) => { event.preventDefault(); $('panel').focus(); }); // the address is the view's
$('legend').open = matchMedia('(min-width: 1200px)').matches;

start();
