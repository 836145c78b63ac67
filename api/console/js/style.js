// The map's look: roads from our own tiles, zones hatched by rule, so that colour is never the only sign.
export const RULES = ['closed', 'gated', 'through_only', 'destination_only', 'caution'];

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
export const dark = () => matchMedia('(prefers-color-scheme: dark)').matches;

// A seamless hatch of 16 × 16 in the rule's colour, drawn for sharp screens. Direction and density differ from rule to rule.
export function hatch(rule, size = 16, scale = 2) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size * scale;
  const c = canvas.getContext('2d');
  c.scale(scale, scale);
  const colour = css(rule);
  c.globalAlpha = 0.14;
  c.fillStyle = colour;
  c.fillRect(0, 0, size, size);
  c.globalAlpha = 0.8;
  c.strokeStyle = colour;
  c.lineWidth = 1.3;
  c.beginPath();
  const diagonal = (up) => {
    for (const shift of [-size, 0, size]) {
      c.moveTo(shift, up ? size : 0);
      c.lineTo(shift + size, up ? 0 : size);
    }
  };
  if (rule === 'closed') { diagonal(true); diagonal(false); }
  if (rule === 'gated') diagonal(true);
  if (rule === 'destination_only') diagonal(false);
  if (rule === 'through_only') { c.moveTo(size / 2, 0); c.lineTo(size / 2, size); }
  c.stroke();
  if (rule === 'caution') {
    c.fillStyle = colour;
    for (const [x, y] of [[4, 4], [12, 12]]) {
      c.beginPath();
      c.arc(x, y, 1.5, 0, 7);
      c.fill();
    }
  }
  return canvas;
}

export function hatchImage(rule) {
  const canvas = hatch(rule);
  return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
}

const widths = (z8, z11, z14) => ['interpolate', ['exponential', 1.4], ['zoom'], 8, z8, 11, z11, 14, z14];

const road = (id, classes, paint, minzoom = 0) => ({
  id, type: 'line', source: 'roads', 'source-layer': 'roads', minzoom,
  filter: ['in', ['get', 'class'], ['literal', classes]],
  layout: { 'line-cap': 'round', 'line-join': 'round' }, paint,
});

const MINOR = ['tertiary', 'tertiary_link', 'unclassified', 'residential', 'living_street', 'service', 'track'];
const MEDIUM = ['secondary', 'secondary_link', 'primary', 'primary_link'];
const MAJOR = ['trunk', 'trunk_link'];
const MOTORWAY = ['motorway', 'motorway_link'];
const round = { 'line-cap': 'round', 'line-join': 'round' };
const FONT = ['Noto Sans CJK SC', 'sans-serif']; // drawn by the browser: there are no glyph files to fetch

export const TILES = ['roads', 'jurisdictions', 'facilities']; // the ground, from our own vector tiles
const SOURCES = ['zones', 'zone-names', 'drafts', 'closures', 'checkpoints', 'plan', 'others', 'relaxed', 'compared', 'corridor', 'cut', 'draw', 'lint', 'chosen'];

function label(id, classes, minzoom, paint, field, layout = {}) {
  return { id, type: 'symbol', source: 'roads', 'source-layer': 'roads', minzoom, filter: ['in', ['get', 'class'], ['literal', classes]],
    layout: { 'symbol-placement': 'line', 'symbol-spacing': 260, 'text-field': field, 'text-font': FONT, 'text-size': 11, 'text-rotation-alignment': 'viewport',
      'text-padding': 12, ...layout }, paint };
}

export function mapStyle(basemap) {
  const night = dark();
  const tone = night
    ? { land: '#1b2223', casing: '#0f1415', minor: '#2f3a3c', medium: '#46524f', major: '#7d7046', motorway: '#a4693a', motorwayEdge: '#0f1415', border: '#5b6a6c' }
    : { land: '#f2f0ea', casing: '#d3cdbf', minor: '#ffffff', medium: '#fff9e8', major: '#f5dc94', motorway: '#e9a663', motorwayEdge: '#b9783a', border: '#b3a892' };
  const ground = night ? '#171d1e' : '#ffffff';
  const byRule = ['match', ['get', 'rule'], ...RULES.flatMap((rule) => [rule, css(rule)]), css('ink-2')];
  const words = { 'text-color': css('ink-2'), 'text-halo-color': tone.land, 'text-halo-width': 1.6 };
  const sources = Object.fromEntries(SOURCES.map((name) => [name, { type: 'geojson', data: { type: 'FeatureCollection', features: [] } }]));
  const ours = Object.fromEntries(TILES.map((name) => [name, { type: 'vector', tiles: [`${location.origin}/tiles/${name}/{z}/{x}/{y}.mvt`], minzoom: 5, maxzoom: name === 'roads' ? 14 : 11 }]));
  if (basemap) sources.basemap = { type: 'raster', tiles: [basemap.tiles], tileSize: 256, maxzoom: 18 };
  return {
    version: 8,
    sources: { ...ours, ...sources },
    layers: [
      { id: 'land', type: 'background', paint: { 'background-color': tone.land } },
      ...(basemap ? [{ id: 'basemap', type: 'raster', source: 'basemap', paint: { 'raster-opacity': night ? 0.55 : 0.8, 'raster-fade-duration': 0 } }] : []),
      { id: 'county', type: 'line', source: 'jurisdictions', 'source-layer': 'jurisdictions', filter: ['!=', ['get', 'level'], 'prefecture'], paint: { 'line-color': tone.border, 'line-width': widths(0.8, 1.4, 2), 'line-dasharray': [3, 2, 1, 2] } },
      { id: 'prefecture', type: 'line', source: 'jurisdictions', 'source-layer': 'jurisdictions', filter: ['==', ['get', 'level'], 'prefecture'], paint: { 'line-color': tone.border, 'line-width': widths(2, 3, 4), 'line-opacity': 0.7 } },
      road('minor', MINOR, { 'line-color': tone.minor, 'line-width': widths(0.5, 1.2, 4) }, 9),
      road('medium-casing', MEDIUM, { 'line-color': tone.casing, 'line-width': widths(1.2, 3.2, 8) }),
      road('medium', MEDIUM, { 'line-color': tone.medium, 'line-width': widths(0.7, 2.2, 6) }),
      road('major-casing', MAJOR, { 'line-color': tone.casing, 'line-width': widths(2.2, 4.4, 9) }),
      road('major', MAJOR, { 'line-color': tone.major, 'line-width': widths(1.4, 3, 7) }),
      road('motorway-casing', MOTORWAY, { 'line-color': tone.motorwayEdge, 'line-width': widths(2.6, 4.8, 9) }),
      road('motorway', MOTORWAY, { 'line-color': tone.motorway, 'line-width': widths(1.7, 3.4, 7) }),
      { id: 'corridor', type: 'fill', source: 'corridor', paint: { 'fill-color': css('accent'), 'fill-opacity': 0.14 } },
      { id: 'zone-fill', type: 'fill', source: 'zones', paint: { 'fill-pattern': ['concat', 'hatch-', ['get', 'rule']],
        'fill-opacity': ['case', ['get', 'in_force'], 1, 0.3] } },
      { id: 'zone-line', type: 'line', source: 'zones', filter: ['get', 'in_force'], paint: { 'line-color': byRule, 'line-width': 1.6 } },
      { id: 'zone-line-later', type: 'line', source: 'zones', filter: ['!', ['get', 'in_force']], paint: { 'line-color': byRule, 'line-width': 1.4, 'line-dasharray': [4, 3], 'line-opacity': 0.7 } },
      { id: 'drafts-fill', type: 'fill', source: 'drafts', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': css('ink-3'), 'fill-opacity': 0.16 } },
      { id: 'drafts-line', type: 'line', source: 'drafts', paint: { 'line-color': css('ink-2'), 'line-width': 1.6, 'line-dasharray': [2, 2] } },
      { id: 'closure-casing', type: 'line', source: 'closures', layout: round, paint: { 'line-color': ground, 'line-width': widths(3, 6, 10), 'line-opacity': ['case', ['get', 'in_force'], 0.9, 0.3] } },
      { id: 'closure', type: 'line', source: 'closures', paint: { 'line-color': css('closed'), 'line-width': widths(2, 4, 7), 'line-dasharray': [1.4, 1],
        'line-opacity': ['case', ['get', 'in_force'], 1, 0.35] } },
      { id: 'others', type: 'line', source: 'others', layout: round, paint: { 'line-color': css('ink-3'), 'line-width': 4, 'line-opacity': 0.7 } },
      { id: 'relaxed', type: 'line', source: 'relaxed', layout: round, paint: { 'line-color': css('bad'), 'line-width': 4, 'line-dasharray': [1, 1.8] } },
      { id: 'plan-casing', type: 'line', source: 'plan', layout: round, paint: { 'line-color': ground, 'line-width': 8 } },
      { id: 'plan', type: 'line', source: 'plan', layout: round,
        paint: { 'line-color': ['case', ['==', ['%', ['get', 'leg'], 2], 0], css('accent'), css('accent-2')], 'line-width': 4.5 } },
      { id: 'compared', type: 'line', source: 'compared', layout: { 'line-join': 'round' }, paint: { 'line-color': css('through_only'), 'line-width': 3.5, 'line-dasharray': [2, 1.4] } },
      { id: 'cut-casing', type: 'line', source: 'cut', layout: round, paint: { 'line-color': ground, 'line-width': 9 } },
      { id: 'cut', type: 'line', source: 'cut', layout: round, paint: { 'line-color': css('bad'), 'line-width': 5 } },
      label('road-names', [...MINOR, ...MEDIUM], 12.5, words, ['get', 'name'], { 'text-rotation-alignment': 'map' }),
      label('road-numbers', [...MEDIUM, ...MAJOR], 9, words, ['get', 'ref']),
      label('motorway-numbers', ['motorway'], 6, { ...words, 'text-color': css('shield'), 'text-halo-width': 2 }, ['get', 'ref'], { 'text-size': 12 }),
      { id: 'zone-name', type: 'symbol', source: 'zone-names', minzoom: 10, layout: { 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 12, 'text-max-width': 9 },
        paint: { 'text-color': byRule, 'text-halo-color': ground, 'text-halo-width': 1.8, 'text-opacity': ['case', ['get', 'in_force'], 1, 0.6] } },
      { id: 'facility', type: 'circle', source: 'facilities', 'source-layer': 'facilities', filter: ['!=', ['get', 'kind'], 'county_seat'], minzoom: 9, paint: { 'circle-radius': 3, 'circle-color': ground, 'circle-stroke-width': 1.4, 'circle-stroke-color': css('ink-3') } },
      { id: 'facility-name', type: 'symbol', source: 'facilities', 'source-layer': 'facilities', filter: ['!=', ['get', 'kind'], 'county_seat'], minzoom: 11, layout: { 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 11, 'text-anchor': 'top', 'text-offset': [0, 0.6] },
        paint: { ...words, 'text-color': css('ink') } },
      { id: 'checkpoint', type: 'circle', source: 'checkpoints', paint: { 'circle-radius': ['interpolate', ['linear'], ['zoom'], 7, 3, 12, 7],
        'circle-color': ['case', ['get', 'open'], css('gated'), ground], 'circle-stroke-width': 2, 'circle-stroke-color': ['case', ['get', 'open'], ground, css('gated')] } },
      { id: 'chosen', type: 'line', source: 'chosen', layout: round, paint: { 'line-color': css('accent'), 'line-width': 4 } },
      { id: 'chosen-point', type: 'circle', source: 'chosen', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 12, 'circle-opacity': 0, 'circle-stroke-width': 3, 'circle-stroke-color': css('accent') } },
      { id: 'draw-fill', type: 'fill', source: 'draw', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': css('accent'), 'fill-opacity': 0.18 } },
      { id: 'draw-line', type: 'line', source: 'draw', filter: ['!=', ['geometry-type'], 'Point'], layout: round, paint: { 'line-color': css('accent'), 'line-width': 2.5 } },
      { id: 'draw-middle', type: 'circle', source: 'draw', filter: ['==', ['get', 'role'], 'middle'], paint: { 'circle-radius': 4, 'circle-color': css('accent'), 'circle-opacity': 0.6 } },
      { id: 'draw-vertex', type: 'circle', source: 'draw', filter: ['==', ['get', 'role'], 'vertex'], paint: { 'circle-radius': ['case', ['get', 'active'], 8, 6],
        'circle-color': ['case', ['get', 'active'], css('accent'), ground], 'circle-stroke-width': 2.5, 'circle-stroke-color': css('accent') } },
      { id: 'lint-fill', type: 'fill', source: 'lint', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': css('warn'), 'fill-opacity': 0.5 } },
      { id: 'lint-line', type: 'line', source: 'lint', layout: round, paint: { 'line-color': css('warn'), 'line-width': 5 } },
      { id: 'lint-point', type: 'circle', source: 'lint', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 9, 'circle-color': css('bad'), 'circle-stroke-width': 3, 'circle-stroke-color': ground } },
    ],
  };
}
