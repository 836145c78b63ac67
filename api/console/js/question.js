// The question about a route as plain data: what the form edits, the address bar carries and the service is asked.
export const VEHICLES = {
  truck_6_axle: { height_m: 4, width_m: 2.55, length_m: 17.1, gross_weight_t: 49, axle_load_t: 10 },
  truck_5_axle: { height_m: 4, width_m: 2.55, length_m: 17.1, gross_weight_t: 43, axle_load_t: 10 },
  truck_4_axle: { height_m: 4, width_m: 2.55, length_m: 12, gross_weight_t: 31, axle_load_t: 10 },
  truck_3_axle: { height_m: 4, width_m: 2.55, length_m: 12, gross_weight_t: 25, axle_load_t: 10 },
  truck_2_axle: { height_m: 4, width_m: 2.55, length_m: 12, gross_weight_t: 18, axle_load_t: 10 },
  light_truck: { height_m: 3, width_m: 2.2, length_m: 6, gross_weight_t: 4.5, axle_load_t: 3 },
  van: { height_m: 2.5, width_m: 2, length_m: 5.5, gross_weight_t: 3.5, axle_load_t: 2 },
};
export const DIMENSIONS = [['height_m', 'height', 'm'], ['width_m', 'width', 'm'], ['length_m', 'length', 'm'], ['gross_weight_t', 'weight', 't'],
  ['axle_load_t', 'axle_load', 't']];

// Wall clock of Asia/Shanghai, which knows no summer time, as a field for date and time writes it.
export const wallClock = (ms) => new Date(ms + 8 * 3600e3).toISOString().slice(0, 16);
export const fromWallClock = (value) => `${value}:00+08:00`;

export function newQuestion(now = Date.now()) {
  return { calls: [null, null], service: [0, 30], vehicle: 'truck_6_axle', limits: { ...VEHICLES.truck_6_axle }, hazmat: false, livestock: false,
    plate: '', emission: 'unknown', credentials: [], depart: wallClock(now + 600e3), loop: true, wait_min: 0, prefer: 'time', alternatives: 2, outside: false, order: false, rests: false, relay: false };
}

export const WISHES = ['hazmat', 'livestock', 'outside', 'order', 'rests', 'relay']; // yes or no
// What the service takes together: a loop or a journey with stops has no relay.
export const mayRelay = (q) => !q.loop && q.calls.length === 2;
// Rests and relays are of a plan that is shown; they are not compared or explained, and relays not kept.
export const journeyOf = (q) => ({ ...(q.rests ? { rests: {} } : {}), ...(q.relay && mayRelay(q) ? { relay: {} } : {}) });

const credentialOf = (c) => ({ type: c.type, ...(c.issued ? { issued_at: fromWallClock(c.issued) } : {}), ...(c.until ? { valid_until: fromWallClock(c.until) } : {}) });
export const newCredential = (type, now = Date.now()) => ({ type, issued: wallClock(now - 3600e3), until: wallClock(now + 7 * 86400e3) });

// The variants of /v1/compare: as asked first, then the other vehicles, or the journey with one credential more or with none.
export function variantsOf(q, by, types, say) {
  const asked = { name: say('as_asked', { name: say(q.vehicle) }) };
  if (by === 'vehicles') return [asked, ...Object.keys(VEHICLES).filter((v) => v !== q.vehicle).map((v) => ({ name: say(v), vehicle: { ...vehicleOf(q), class: v, ...VEHICLES[v] } }))];
  const held = q.credentials.map(credentialOf);
  const others = types.filter((type) => !q.credentials.some((c) => c.type === type.code)).slice(0, 14);
  return [asked, ...(held.length ? [{ name: say('no_credentials'), credentials: [] }] : []),
    ...others.map((type) => ({ name: say('with_credential', { name: type.name }), credentials: [...held, credentialOf(newCredential(type.code))] }))];
}

function vehicleOf(q) {
  return { class: q.vehicle, ...q.limits, ...(q.hazmat ? { hazmat: true } : {}), ...(q.livestock ? { livestock: true } : {}), ...(q.plate ? { plate: q.plate } : {}),
    ...(q.emission !== 'unknown' ? { emission: q.emission } : {}) };
}

export const complete = (q) => q.calls.length >= 2 && q.calls.every(Boolean);

// Stops of a number of degrees near a click are some hundred metres off on a map of a whole prefecture: the answer says how far.
export function requestOf(q, { geometry = 'geojson', steps = true, alternatives = q.loop ? 0 : q.alternatives } = {}) {
  const call = (c, i) => ({ location: c.at, ...(c.name ? { name: c.name } : {}), ...(q.service[i] ? { service_s: q.service[i] * 60 } : {}) });
  const calls = q.calls.map(call);
  const request = { origin: { ...calls[0], service_s: undefined }, destination: calls.at(-1), loop: q.loop ? 'return' : 'none', depart_at: fromWallClock(q.depart),
    vehicle: vehicleOf(q), geometry, steps, max_snap_m: 3000, prefer: q.prefer };
  if (!q.loop) delete request.destination.service_s;
  if (calls.length > 2) request.stops = calls.slice(1, -1);
  if (q.credentials.length) request.credentials = q.credentials.map(credentialOf);
  if (q.wait_min) request.max_wait_s = q.wait_min * 60;
  if (alternatives) request.alternatives = alternatives;
  if (q.order && calls.length > 3) request.optimise_order = true;
  if (q.outside) request.endpoints = 'nearest_outside';
  return request;
}

// ---- the address bar ----------------------------------------------------------------------------------------

export function toQuery(q) {
  const p = new URLSearchParams();
  q.calls.forEach((c, i) => {
    if (c) p.append('c', [c.at.map((n) => n.toFixed(5)).join(','), q.service[i] || 0, c.name || ''].join('~'));
    else p.append('c', '');
  });
  p.set('v', q.vehicle);
  for (const [member] of DIMENSIONS) if (q.limits[member] !== VEHICLES[q.vehicle][member]) p.set(member, q.limits[member] ?? '');
  p.set('t', q.depart);
  p.set('loop', q.loop ? '1' : '0');
  for (const name of WISHES) if (q[name]) p.set(name, '1');
  if (q.emission !== 'unknown') p.set('emission', q.emission);
  for (const c of q.credentials) p.append('k', [c.type, c.issued || '', c.until || ''].join('~'));
  if (q.wait_min) p.set('wait', q.wait_min);
  if (q.prefer !== 'time') p.set('prefer', q.prefer);
  if (q.alternatives !== 2) p.set('alt', q.alternatives);
  return p; // not the plate: links are passed on
}

export function fromQuery(p) {
  const q = newQuestion();
  const number = (text, otherwise) => (text !== null && text !== '' && Number.isFinite(Number(text)) ? Number(text) : otherwise);
  const calls = p.getAll('c').map((part) => {
    const [at, service, ...name] = part.split('~');
    const pair = at.split(',').map(Number);
    const good = pair.length === 2 && pair.every(Number.isFinite) && Math.abs(pair[0]) <= 180 && Math.abs(pair[1]) <= 90;
    return good ? { call: { at: pair, name: name.join('~') }, service: number(service, 0) } : { call: null, service: 0 };
  });
  if (calls.length >= 2) {
    q.calls = calls.map((c) => c.call);
    q.service = calls.map((c) => c.service);
  }
  if (VEHICLES[p.get('v')]) q.vehicle = p.get('v');
  q.limits = { ...VEHICLES[q.vehicle] };
  for (const [member] of DIMENSIONS) if (p.has(member)) q.limits[member] = number(p.get(member), undefined);
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(p.get('t') || '')) q.depart = p.get('t');
  if (p.has('loop')) q.loop = p.get('loop') === '1';
  for (const name of WISHES) q[name] = p.get(name) === '1';
  q.emission = p.get('emission') || 'unknown';
  q.credentials = p.getAll('k').map((part) => { const [type, issued, until] = part.split('~'); return { type, issued, until }; });
  q.wait_min = number(p.get('wait'), 0);
  if (['time', 'distance', 'cost'].includes(p.get('prefer'))) q.prefer = p.get('prefer');
  q.alternatives = Math.min(3, Math.max(0, number(p.get('alt'), 2)));
  return q;
}
