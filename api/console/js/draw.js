// Drawing and changing an area on the map: a list of rings of one polygon, or of several. Vertices are dragged; the middle of
// an edge becomes a vertex when it is dragged; Delete takes the chosen vertex away; Enter closes, Escape gives up.
const NEAR_PX = 12;

export const ringOpen = (ring) => ring.slice(0, -1);
const ringClosed = (ring) => [...ring, ring[0]];

// Rings without their last point, of any area GeoJSON that an editor may be given.
export function polygonsOf(geometry) {
  if (geometry?.type === 'Polygon') return [geometry.coordinates.map(ringOpen)];
  if (geometry?.type === 'MultiPolygon') return geometry.coordinates.map((polygon) => polygon.map(ringOpen));
  return [];
}

export function geometryOf(polygons) {
  const good = polygons.filter((polygon) => polygon[0]?.length >= 3).map((polygon) => polygon.filter((ring) => ring.length >= 3).map(ringClosed));
  if (good.length === 0) return null;
  return good.length === 1 ? { type: 'Polygon', coordinates: good[0] } : { type: 'MultiPolygon', coordinates: good };
}

// The areas of a file: a geometry, a feature, or a collection whose areas become one.
export function readArea(text) {
  const document = JSON.parse(text);
  const features = document.type === 'FeatureCollection' ? document.features : [document];
  const polygons = features.flatMap((f) => polygonsOf(f.type === 'Feature' ? f.geometry : f));
  return { geometry: geometryOf(polygons), properties: features.length === 1 ? features[0].properties || {} : {}, areas: polygons.length };
}

export class Draw {
  // changed(geometry or null, finished): at each step; a step in the middle of a drag has finished = false
  constructor(view, changed) {
    this.view = view;
    this.map = view.map;
    this.changed = changed;
    this.polygons = [];
    this.drawing = null; // the ring being made
    this.chosen = null; // [polygon, ring, vertex]
    this.handlers = { click: (e) => this.click(e), dblclick: (e) => this.close(e), mousemove: (e) => this.hover(e), mousedown: (e) => this.down(e), touchstart: (e) => this.down(e) };
    this.keys = (event) => this.key(event);
  }

  start(geometry) {
    this.polygons = polygonsOf(geometry);
    this.drawing = this.polygons.length ? null : [];
    this.view.busy = true;
    for (const [name, work] of Object.entries(this.handlers)) this.map.on(name, work);
    this.map.doubleClickZoom.disable();
    addEventListener('keydown', this.keys);
    this.cursor();
    this.show();
  }

  stop() {
    for (const [name, work] of Object.entries(this.handlers)) this.map.off(name, work);
    removeEventListener('keydown', this.keys);
    this.map.doubleClickZoom.enable();
    this.map.getCanvas().style.cursor = '';
    this.view.busy = false;
    this.view.set('draw', { type: 'FeatureCollection', features: [] });
  }

  set(geometry) {
    this.polygons = polygonsOf(geometry);
    this.drawing = this.polygons.length ? null : [];
    this.chosen = null;
    this.cursor();
    this.step(true);
  }

  addPart() {
    this.drawing = [];
    this.chosen = null;
    this.cursor();
  }

  cursor(kind = this.drawing ? 'crosshair' : '') { this.map.getCanvas().style.cursor = kind; }

  geometry() { return geometryOf(this.polygons); }

  step(finished) {
    this.show();
    this.changed(this.geometry(), finished);
  }

  // ---- what is on the map -----------------------------------------------------------------------------------

  show() {
    const features = [];
    const add = (geometry, properties = {}) => features.push({ type: 'Feature', geometry, properties });
    const area = this.geometry();
    if (area) add(area);
    this.polygons.forEach((polygon, p) => polygon.forEach((ring, r) => {
      if (ring.length >= 2) add({ type: 'LineString', coordinates: ringClosed(ring) });
      if (ring.length > 400) return; // handles of a surveyed outline would hide it
      ring.forEach((point, v) => {
        const next = ring[(v + 1) % ring.length];
        add({ type: 'Point', coordinates: [(point[0] + next[0]) / 2, (point[1] + next[1]) / 2] }, { role: 'middle', p, r, v });
      });
      ring.forEach((point, v) => add({ type: 'Point', coordinates: point }, { role: 'vertex', p, r, v, active: this.chosen?.join() === [p, r, v].join() }));
    }));
    if (this.drawing?.length) {
      const line = this.pointer ? [...this.drawing, this.pointer] : this.drawing;
      if (line.length > 1) add({ type: 'LineString', coordinates: line });
      this.drawing.forEach((point, v) => add({ type: 'Point', coordinates: point }, { role: 'vertex', active: v === 0 }));
    }
    this.view.set('draw', { type: 'FeatureCollection', features });
  }

  // ---- making a ring ----------------------------------------------------------------------------------------

  click(event) {
    if (!this.drawing) return;
    const first = this.drawing[0] && this.map.project(this.drawing[0]);
    if (this.drawing.length >= 3 && Math.hypot(first.x - event.point.x, first.y - event.point.y) < NEAR_PX) return void this.close(event);
    const last = this.drawing.at(-1) && this.map.project(this.drawing.at(-1));
    if (last && Math.hypot(last.x - event.point.x, last.y - event.point.y) < 2) return; // the second click of two
    this.drawing.push([event.lngLat.lng, event.lngLat.lat]);
    this.show();
  }

  close(event) {
    event?.preventDefault?.();
    if (!this.drawing || this.drawing.length < 3) return;
    this.polygons.push([this.drawing]);
    this.drawing = this.pointer = null;
    this.cursor();
    this.step(true);
  }

  hover(event) {
    if (this.drawing) {
      this.pointer = [event.lngLat.lng, event.lngLat.lat];
      if (this.drawing.length) this.show();
    } else if (!this.dragging) {
      this.cursor(this.handle(event.point) ? 'move' : '');
    }
  }

  // ---- changing one -----------------------------------------------------------------------------------------

  handle(point) {
    const box = [[point.x - NEAR_PX, point.y - NEAR_PX], [point.x + NEAR_PX, point.y + NEAR_PX]];
    const hits = this.map.queryRenderedFeatures(box, { layers: ['draw-vertex', 'draw-middle'] }).filter((hit) => hit.properties.p !== undefined);
    return hits.find((hit) => hit.properties.role === 'vertex') || hits[0];
  }

  down(event) {
    if (this.drawing || event.points?.length > 1) return;
    const hit = this.handle(event.point);
    if (!hit) { this.chosen = null; return void this.show(); }
    event.preventDefault(); // the map stays where it is
    const { role, p, r } = hit.properties;
    let { v } = hit.properties;
    const ring = this.polygons[p][r];
    if (role === 'middle') {
      v += 1;
      ring.splice(v, 0, hit.geometry.coordinates);
    }
    this.chosen = [p, r, v];
    this.dragging = true;
    const [move, end] = event.type === 'touchstart' ? ['touchmove', 'touchend'] : ['mousemove', 'mouseup'];
    const drag = (e) => { ring[v] = [e.lngLat.lng, e.lngLat.lat]; this.step(false); };
    this.map.on(move, drag);
    this.map.once(end, () => {
      this.map.off(move, drag);
      this.dragging = false;
      this.step(true);
    });
    this.show();
  }

  removeChosen() {
    if (!this.chosen) return;
    const [p, r, v] = this.chosen;
    const ring = this.polygons[p][r];
    if (ring.length > 3) ring.splice(v, 1);
    else if (r > 0) this.polygons[p].splice(r, 1);
    else this.polygons.splice(p, 1);
    this.chosen = null;
    if (!this.polygons.length) this.addPart();
    this.step(true);
  }

  key(event) {
    if (event.target.closest('input, textarea, select, dialog')) return;
    if ((event.key === 'Delete' || event.key === 'Backspace') && this.drawing?.length) this.drawing.pop();
    else if (event.key === 'Delete' || event.key === 'Backspace') return void this.removeChosen();
    else if (event.key === 'Enter') return void this.close(event);
    else if (event.key === 'Escape' && this.drawing) this.drawing = this.polygons.length ? null : [];
    else return;
    event.preventDefault();
    this.cursor();
    this.show();
  }
}
