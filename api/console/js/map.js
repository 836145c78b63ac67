// The map: base, rules, plan. Knows MapLibre; only draw.js beside it does too.
import * as maplibregl from '/console/vendor/maplibre-gl.mjs';
import { h } from './dom.js';
import { shiftedTiles } from './gcj02.js';
import { labelPoint } from './label_point.js';
import { getJson } from './service.js';
import { mapStyle, hatchImage, RULES, TILES } from './style.js';
import { formatDuration, language, text } from './text.js';

const nothing = { type: 'FeatureCollection', features: [] };
const collection = (features) => ({ type: 'FeatureCollection', features });
const feature = (geometry, properties = {}) => ({ type: 'Feature', geometry, properties });

export class MapView {
  constructor(element, { bounds, labels, basemap }) {
    this.basemap = basemap;
    if (basemap?.crs === 'gcj02') {
      const tile = shiftedTiles(basemap.tiles);
      maplibregl.addProtocol('gcj02', async ({ url }) => ({ data: await tile(...url.split('/').slice(-3).map(Number)) }));
      this.basemap = { ...basemap, tiles: 'gcj02://{z}/{x}/{y}' };
    }
    this.pins = [];
    this.marks = [];
    this.picking = true;
    this.busy = false; // somebody draws: clicks are theirs
    this.data = {};
    this.labels = labels;
    this.map = new maplibregl.Map({ container: element, style: mapStyle(this.basemap), bounds, fitBoundsOptions: { padding: element.clientWidth > 900 ? { top: 24, bottom: 24, left: 24, right: 220 } : 24 }, attributionControl: false, // the legend is on the right
      dragRotate: false, pitchWithRotate: false, maxPitch: 0, minZoom: 5, maxZoom: 18, fadeDuration: 0,
      locale: { 'NavigationControl.ZoomIn': text('zoom_in'), 'NavigationControl.ZoomOut': text('zoom_out'), 'Map.Title': text('map') } });
    this.map.addControl(new maplibregl.NavigationControl({ showCompass: false }), 'top-right');
    this.map.addControl(new maplibregl.ScaleControl(), 'bottom-left');
    this.map.touchZoomRotate.disableRotation();
    this.ready = new Promise((resolve) => this.map.once('load', resolve));
    this.map.on('style.load', () => this.addHatches());
    this.map.on('click', (event) => this.clicked(event));
    this.map.on('contextmenu', (event) => {
      const hit = this.map.queryRenderedFeatures(event.point, { layers: ['zone-fill'] })[0];
      if (hit && !this.busy) this.describe(hit, event.lngLat);
    });
    for (const layer of ['checkpoint', 'closure']) {
      this.map.on('mouseenter', layer, () => { if (!this.busy) this.map.getCanvas().style.cursor = 'pointer'; });
      this.map.on('mouseleave', layer, () => { if (!this.busy) this.map.getCanvas().style.cursor = ''; });
    }
    this.map.on('zoom', () => this.sparePlaces());
    this.map.on('idle', () => { element.dataset.idle = 'true'; }); // for whoever waits for the picture
    this.map.on('render', () => { delete element.dataset.idle; });
    this.map.on('error', (event) => this.failed(event));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.restyle());
  }

  // A tile that a busy service refused, or that came while it was away, is asked for again; anything else is a fault.
  failed({ error, sourceId }) {
    if (sourceId === 'basemap') return; // somebody else's, and only the ground
    if (!TILES.includes(sourceId)) return void console.error(error);
    clearTimeout(this.repair);
    this.repair = setTimeout(() => TILES.forEach((name) => this.map.refreshTiles(name)), 3000);
  }

  clicked(event) {
    if (this.onPlace) return void this.onPlace([event.lngLat.lng, event.lngLat.lat]);
    if (this.busy) return;
    const hit = this.map.queryRenderedFeatures(event.point, { layers: this.picking ? ['checkpoint', 'closure'] : ['checkpoint', 'closure', 'drafts-fill', 'zone-fill'] })[0];
    if (hit && this.onRule && !this.picking) this.onRule(hit.layer.id, hit.properties.id);
    else if (hit) this.describe(hit, event.lngLat);
    else if (this.picking) this.onPick?.([event.lngLat.lng, event.lngLat.lat]);
  }

  centre() {
    const c = this.map.getCenter();
    return [c.lng, c.lat];
  }

  pickable(on) { this.picking = on; }

  addHatches() {
    for (const rule of RULES) {
      if (this.map.hasImage(`hatch-${rule}`)) this.map.removeImage(`hatch-${rule}`);
      this.map.addImage(`hatch-${rule}`, hatchImage(rule), { pixelRatio: 2 });
    }
  }

  restyle() {
    this.map.setStyle(mapStyle(this.basemap));
    this.map.once('style.load', () => {
      this.relabel();
      for (const [source, data] of Object.entries(this.data)) this.map.getSource(source)?.setData(data);
    });
  }

  // Names of places in the language of the page, where they have one.
  async relabel() {
    await this.ready;
    const name = language() === 'zh' ? ['get', 'name'] : ['coalesce', ['get', 'name_en'], ['get', 'name']];
    this.map.setLayoutProperty('facility-name', 'text-field', name);
    this.showPlaces(this.seats || []);
  }

  async set(source, data) {
    this.data[source] = data;
    await this.ready;
    this.map.getSource(source)?.setData(data);
  }

  // What is in force now or later, with `in_force` judged at a moment.
  async loadRules(at, signal) {
    const layers = ['zones', 'checkpoints', 'closures'];
    const query = at ? `?at=${encodeURIComponent(at)}` : '';
    const answers = await Promise.all(layers.map((layer) => getJson(`/v1/${layer}${query}`, { signal })));
    // a zone looks as it does to most: by its first rule that binds everybody, else by its first
    for (const { properties: p } of answers[0].features) p.rule = (p.rules?.find((rule) => rule.for_all) || p.rules?.[0] || p).rule;
    layers.forEach((layer, i) => this.set(layer, { ...answers[i], features: answers[i].features.filter((f) => f.geometry) }));
    this.set('zone-names', collection(answers[0].features.map((f) => ({ at: f.geometry && labelPoint(f.geometry), p: f.properties })).filter(({ at }) => at)
      .map(({ at, p }) => feature({ type: 'Point', coordinates: at }, { name: p.name, rule: p.rule, in_force: p.in_force }))));
    return Object.fromEntries(layers.map((layer, i) => [layer, answers[i].features]));
  }

  async loadPlaces() {
    const answer = await getJson('/v1/facilities');
    this.data.facilities = answer; // drawn from tiles; listed where a name is chosen
    return answer.features;
  }

  // Names of county seats as page text, above everything and readable by machines.
  showPlaces(places) {
    for (const marker of this.places || []) marker.remove();
    this.seats = places;
    const near = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) < 0.06;
    const neighbours = (i) => places.slice(0, i).filter((other) => near(other.at, places[i].at)).length;
    this.places = places.map((place, i) => ({ ...place, crowded: neighbours(i) })).filter(({ crowded }) => crowded < 2)
      .map(({ name, name_en: other, at, crowded }) => new maplibregl.Marker({ element: h('div', { class: 'place' }, (language() === 'en' && other) || name), anchor: crowded ? 'top' : 'bottom', offset: [0, crowded ? 14 : -14] })
        .setLngLat(at).addTo(this.map)); // two districts of one city: above and below, and clear of a pin that stands there
    this.sparePlaces();
  }

  // Of names that would cover each other the first stays. Sizes are asked for before anything is changed.
  sparePlaces() {
    const taken = [];
    const boxes = (this.places || []).map((marker) => ({ marker, at: this.map.project(marker.getLngLat()), width: marker.getElement().offsetWidth, height: marker.getElement().offsetHeight, offset: marker.getOffset() }));
    for (const { marker, at, width, height, offset } of boxes) {
      const box = { x: at.x - width / 2, y: at.y + offset.y - (offset.y < 0 ? height : 0), width, height };
      const covers = taken.some((other) => box.x < other.x + other.width && other.x < box.x + box.width && box.y < other.y + other.height && other.y < box.y + box.height);
      marker.getElement().classList.toggle('spared', covers);
      if (!covers) taken.push(box);
    }
  }

  // ---- pop-ups --------------------------------------------------------------------------------------------

  popup(at, content) {
    this.open?.remove();
    this.open = new maplibregl.Popup({ closeButton: false, maxWidth: '300px' }).setLngLat(at).setDOMContent(content).addTo(this.map);
    return this.open;
  }

  menu(at, entries) {
    const buttons = entries.map(([label, work]) => h('button', { type: 'button', class: 'quiet', onclick: () => { this.open.remove(); work(); } }, label));
    this.popup(at, h('div', { class: 'stack menu', role: 'group', 'aria-label': text('map_menu') }, buttons));
    buttons[0].focus();
  }

  describe(hit, at) {
    const p = hit.properties;
    const line = (content) => (content ? h('p', {}, content) : null);
    const what = { checkpoint: () => text('opening', { n: p.normal_s, g: p.green_s }), closure: () => [p.cause, text(`action_${p.action}`)].filter(Boolean).join(' · '),
      'zone-fill': () => `${p.class_name || p.class} · ${text(p.rule)}`, 'drafts-fill': () => text(`state_${p.state}`) }[hit.layer.id];
    this.popup(at, h('div', {}, h('h3', {}, p.name), line(what()),
      hit.layer.id === 'checkpoint' ? line(text(p.open ? 'open_now' : 'closed_now')) : line(text(p.in_force ? 'in_force' : 'not_in_force')), p.document ? line(`${text('document')} ${p.document}`) : null));
  }

  // ---- route ----------------------------------------------------------------------------------------------

  setPins(calls) {
    for (const pin of this.pins) pin.remove();
    this.pins = calls.map((call, i) => {
      if (!call) return null;
      const role = i === 0 ? 'origin' : i === calls.length - 1 ? 'destination' : 'stop';
      const element = h('div', { class: `pin ${role}`, title: call.name || text(role === 'stop' ? 'stop' : role) }, role === 'stop' ? String(i) : text(`short_${role}`));
      const pin = new maplibregl.Marker({ element, draggable: true }).setLngLat(call.at).addTo(this.map);
      pin.on('dragend', () => { const to = pin.getLngLat(); this.onDrag(i, [to.lng, to.lat]); });
      return pin;
    }).filter(Boolean);
  }

  // Somebody puts a thing down: clicks are their places, a pin shows the last and is dragged. `put` null ends it.
  placing(put, at = null) {
    this.onPlace = put;
    this.busy = Boolean(put);
    this.map.getCanvas().style.cursor = put && !at ? 'crosshair' : '';
    if (!put || !at) { this.placed?.remove(); this.placed = null; return; }
    if (!this.placed) {
      this.placed = new maplibregl.Marker({ element: h('div', { class: 'pin checkpoint', title: text('checkpoint') }), draggable: true });
      this.placed.on('dragend', () => { const to = this.placed.getLngLat(); this.onPlace([to.lng, to.lat]); });
    }
    this.placed.setLngLat(at).addTo(this.map);
  }

  showRoute(on) {
    for (const marker of [...this.pins, ...this.marks]) marker.getElement().hidden = !on;
  }

  mark(className, label, title, at) {
    this.marks.push(new maplibregl.Marker({ element: h('div', { class: className, title }, label) }).setLngLat(at).addTo(this.map));
  }

  showPlan(plan, { relaxed = false, fit = false, others = [], conflicts = [], relay = null } = {}) {
    for (const marker of this.marks) marker.remove();
    this.marks = [];
    const features = plan ? plan.legs.map((leg, i) => feature(leg.geometry, { leg: i })) : [];
    this.set('relaxed', relaxed ? collection(features) : nothing);
    this.set('plan', relaxed ? nothing : collection(features));
    this.set('others', collection(others.flatMap((other) => other.legs.map((leg) => feature(leg.geometry)))));
    this.set('corridor', !relaxed && plan?.corridor ? collection([feature(plan.corridor)]) : nothing);
    this.set('cut', nothing);
    this.set('compared', nothing);
    const gates = new Map(); // out and back by one gate: one mark with both numbers
    let number = 0;
    for (const leg of relaxed ? [] : plan?.legs || []) for (const gate of leg.gates || []) {
      number += 1;
      if (!gate.location) continue;
      const place = gate.location.map((n) => n.toFixed(3)).join();
      const known = gates.get(place) || gates.set(place, { numbers: [], titles: [], at: gate.location }).get(place);
      known.numbers.push(number);
      known.titles.push(`${gate.name} ${gate.at.slice(11, 16)}`);
    }
    for (const { numbers, titles, at } of gates.values()) this.mark('gate-pin', numbers.join(' '), titles.join('\n'), at);
    for (const rest of (!relaxed && plan?.rests) || []) {
      this.mark('rest-pin', text('short_rest'), text('rest_line', { name: rest.name || '', from: rest.at.slice(11, 16), t: formatDuration(rest.rest_s) }), plan.waypoints[rest.waypoint].snapped);
    }
    if (relay) this.mark('rest-pin relay', text('short_relay'), `${relay.name || ''} ${relay.arrive_at.slice(11, 16)}–${relay.depart_at.slice(11, 16)}`, relay.location);
    conflicts.forEach((conflict, i) => { if (conflict.location) this.mark('conflict-pin', String(i + 1), conflict.name || '', conflict.location); });
    if (!fit) return;
    const bounds = new maplibregl.LngLatBounds();
    for (const f of features) for (const point of f.geometry.coordinates) bounds.extend(point);
    for (const c of conflicts) if (c.location) bounds.extend(c.location);
    for (const pin of this.pins) bounds.extend(pin.getLngLat());
    this.fit(bounds);
  }

  showCut(cut) { this.set('cut', cut); }

  showCompared(plan) {
    this.set('compared', plan ? collection(plan.legs.filter((leg) => leg.geometry?.coordinates).map((leg) => feature(leg.geometry))) : nothing);
  }

  // ---- looking --------------------------------------------------------------------------------------------

  still() { return matchMedia('(prefers-reduced-motion: reduce)').matches; }

  fit(bounds) {
    if (!bounds.isEmpty()) this.map.fitBounds(bounds, { padding: this.map.getContainer().clientWidth > 700 ? { top: 64, bottom: 72, left: 72, right: 220 } : 40, duration: this.still() ? 0 : 400, maxZoom: 14 });
  }

  fitGeometry(geometry) {
    const bounds = new maplibregl.LngLatBounds();
    const walk = (c) => (typeof c[0] === 'number' ? bounds.extend([c[0], c[1]]) : c.forEach(walk));
    if (geometry) walk(geometry.coordinates);
    this.fit(bounds);
  }

  fly(at) {
    this.map.easeTo({ center: at, zoom: Math.max(this.map.getZoom(), 11.5), duration: this.still() ? 0 : 400 });
  }
}
